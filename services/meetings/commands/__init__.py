"""What can be asked of meetings: plain functions, each inside its caller's one transaction."""
