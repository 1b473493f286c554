"""Any ``concurrent.futures.Executor`` as an engine."""
