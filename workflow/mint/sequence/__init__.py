"""Chunks become a sequence: cut, cross-fade, gaps."""
