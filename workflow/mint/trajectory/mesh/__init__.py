"""A motion over the nodes of a window: splines, compiled kernels of all nodes, dynamics, first and second derivatives.

May import `model`, `muscles` and `compiled`; what is done with the derivatives is no matter of this room, so it knows
no solver.
"""
