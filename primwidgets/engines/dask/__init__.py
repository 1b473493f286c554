"""Dask as an engine."""
