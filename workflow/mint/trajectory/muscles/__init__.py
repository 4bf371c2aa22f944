"""Muscles with compliant tendons, and the polynomials of their paths with derivatives.

Knows nothing of skeletons: lengths and speeds come in, forces go out. May import `compiled`.
"""
