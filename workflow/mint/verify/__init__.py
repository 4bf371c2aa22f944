"""Verification of solved chunks by OpenSim, independent of the solver."""
