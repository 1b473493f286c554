"""Many jobs as one: groups, and functions that are submitted for many arguments."""
