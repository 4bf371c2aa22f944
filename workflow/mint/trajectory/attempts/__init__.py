"""From problem to solution: the ladder of attempts, the work they may take, suspects in the data, arrays of results.

May import every other room.
"""
