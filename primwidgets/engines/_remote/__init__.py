"""Calls in other processes: how they get there, and how they are heard."""
