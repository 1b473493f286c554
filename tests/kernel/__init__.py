"""Tests on real ipykernels, each in its own environment (``make test-kernel``)."""
