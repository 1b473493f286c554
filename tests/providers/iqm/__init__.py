"""IQM, which needs an older Qiskit."""
