"""The simulation against what was measured at the same time: force plates, EMG, and joint moments that follow from
them."""
