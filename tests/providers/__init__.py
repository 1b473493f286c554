"""Tests with packages that are not in the common environment: ``make test-providers``."""
