"""Scaling, the leg model, muscle paths and inverse kinematics: everything that OpenSim prepares."""
