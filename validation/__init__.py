"""What an extract must be: the contract, the checks that hold it, and the quarantine for what breaks it."""
