"""The chunk plan: what will be computed, known before the first job starts."""
