"""Optimization problems: variables, cost, constraints of the motion, of the muscles of a leg, of both in one program.

May import `feet`, `mesh`, `solvers` (the form of a program), `model`, `muscles` and `compiled`; how often a problem is
tried, and from which start, is decided in `attempts`.
"""
