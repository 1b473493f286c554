"""Calls in other processes: how they are sent there, and how their messages come back."""
