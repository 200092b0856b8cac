"""The medicine a second time: plain Python, one patient at a time, written from docs/measures.md alone."""
