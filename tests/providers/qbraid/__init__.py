"""qBraid."""
