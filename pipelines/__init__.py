"""The way of the data: extracts in, audit out."""
