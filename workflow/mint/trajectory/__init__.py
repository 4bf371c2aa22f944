"""Trajectory optimization: skeleton, contact, muscles, transcription and the ladder of attempts (CasADi).

Stages enter by `stage` (a chunk) and `compile` (the kernels of a topology, ahead of the chunks). Below them are rooms,
here from the top: each imports only from rooms below it, and its docstring says from which.

- `attempts`: the ladder, what each attempt may cost, what came of it;
- `problems`: cost and constraints of motion, muscles, and both together;
- `feet`: what is known of feet and floor before anything is solved;
- `mesh`: a motion and its dynamics over the nodes of a window;
- `solvers`: nonlinear programs, least squares, linear systems; `model`: the body; `muscles`: muscles and their paths;
- `compiled`: machine code of functions.
"""
