"""Scaling: OpenSim's ScaleTool, markers and soles on the scaled model, the height at which it stands.

May import `registration`, `inverse`, `leg_model` and `model`; muscle paths come after it.
"""
