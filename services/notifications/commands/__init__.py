"""What the office and subscribers can ask of notifications; callers own the transaction."""
