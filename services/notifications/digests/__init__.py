"""Digests: the news of a day or a week in one letter, for those who chose that."""
