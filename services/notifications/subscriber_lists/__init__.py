"""Lists of subscribers as files: read in with proof, taken away as a table."""
