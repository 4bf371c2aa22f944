"""Results as an OpenSim project: models, motions, loads and set-ups that OpenSim's GUI and tools open
(docs/results/opensim.md)."""
