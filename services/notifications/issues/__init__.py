"""Newsletters and press releases: written, checked, sent, kept."""
