"""The figures of the reports, as inline SVG. The only package that knows matplotlib."""

from .cohort import flow, matrix, persistence_curve, score_distribution
from .rates import forest, funnel, heatmap, trend

__all__ = ["flow", "forest", "funnel", "heatmap", "matrix", "persistence_curve", "score_distribution", "trend"]
