"""Clusters and queues."""
