"""The body: leg model as a tree, contact of its spheres, parameters of a subject, Newton-Euler dynamics in symbols.

Symbols of one node only: what is made of them over a window is in `mesh`. Imports no other room.
"""
