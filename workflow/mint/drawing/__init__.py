"""What the 3-D view of the report draws: bones, muscle paths and markers, placed by OpenSim. Needs OpenSim."""
