"""The quality gate: what the registry looks like as a whole, and whether that may be published.

Metrics are measured in polars into one small frame (`model.SCHEMA`); `gate` sets them against the limits of gate.toml.
"""
