"""ipyparallel as an engine."""
