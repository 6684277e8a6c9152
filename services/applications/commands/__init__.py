"""What can be done with applications: one function a command, each inside its caller's transaction."""
