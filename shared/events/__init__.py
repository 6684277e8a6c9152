"""The facts the services tell each other: one class, one home."""
