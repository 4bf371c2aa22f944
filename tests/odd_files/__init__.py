"""Broken and odd files, a table per format: each gives one clear message or a right result."""
