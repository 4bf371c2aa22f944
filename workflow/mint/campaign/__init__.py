"""A whole dataset on a cluster: how long it takes, and what the plan of its jobs has to do with it."""
