"""Letters to people without an e-mail address: out of the printer and into the post."""
