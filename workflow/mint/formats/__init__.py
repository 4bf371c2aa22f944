"""Motion files that other people made: what planning and validation both read, with one list of what can go wrong."""
