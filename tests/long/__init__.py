"""Checks that take minutes to hours, beside ``make test``: ``make fuzz`` and ``make soak``."""
