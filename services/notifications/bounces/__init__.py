"""What comes back: letters that could not be delivered, and unsubscriptions by mail."""
