"""From motion capture to simulated muscle activity: the science behind the workflow."""

__version__ = "0.1.0"
