"""Everything between a job and the page: kernel, hub, card widget, stored outputs."""
