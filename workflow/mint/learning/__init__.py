"""Learning from the dataset: refinement of simulated activity towards measured EMG (`refine`)."""
