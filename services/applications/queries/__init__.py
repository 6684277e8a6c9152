"""Reads shaped for pages, the worker and the API."""
