"""Scaling, the leg model, muscle paths and inverse kinematics: everything that OpenSim prepares.

Stages enter by `scale`, `muscle_paths`, `ik` and `muscle_reference` (stage prepared_model). Below them are rooms, here
from the top: each imports only from rooms below it, and its docstring says from which.

- `scaling`: the generic model becomes that of a person;
- `registration`: places of markers that no marker set describes;
- `inverse`: inverse kinematics; `leg_model`: the model on which trajectories are computed; `paths`: polynomials of
  muscle paths;
- `model`: a model as numbers, and what tables say of it.
"""
