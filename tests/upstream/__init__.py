"""Other people's test suites on wrapped jobs."""
