"""Solvers: nonlinear programs by IPOPT, its linear systems by MUMPS or PARDISO (in C), banded least squares.

Numbers and sparsity only, nothing of bodies or muscles. May import `compiled`.
"""
