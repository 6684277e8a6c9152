"""The pages of notifications, one module an area."""
