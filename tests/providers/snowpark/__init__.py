"""Snowpark."""
