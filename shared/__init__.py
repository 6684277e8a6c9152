"""The contract between the services and the plumbing under them; never a rule of fund or board."""
