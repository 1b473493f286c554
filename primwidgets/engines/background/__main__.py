"""Runs the service of this Python environment."""

from primwidgets.engines.background.service import main

main()
