"""Quantum vendors whose packages fit into one environment."""
