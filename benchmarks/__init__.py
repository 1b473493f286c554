"""Measurements beside stock widgets; see ``python -m benchmarks --help``."""
