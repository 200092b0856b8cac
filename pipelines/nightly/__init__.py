"""Nightly runs of a network: what centres deposit is taken in, kept, judged and published, one night after the other."""
