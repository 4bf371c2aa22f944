"""Muscle-tendon lengths of the leg model as polynomials: which coordinates a path spans, samples by OpenSim, the fit.

May import `model`.
"""
