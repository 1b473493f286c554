"""Platforms on which a job is an id."""
