"""Inverse kinematics: coordinates of a model that fit markers best, and what the markers leave undetermined.

May import `model`.
"""
