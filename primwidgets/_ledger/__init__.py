"""The ledger: which jobs there were, for when their kernel is gone. It never holds what they returned or printed."""
