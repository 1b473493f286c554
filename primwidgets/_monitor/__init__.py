"""Keeps what is known of jobs up to date, cancels them, and waits for them."""
