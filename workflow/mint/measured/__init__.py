"""What was measured beside the motion: ground forces and EMG, on the clock and in the frame of the simulation."""
