"""Quantum clouds."""
