"""From simulated to measured activity, gait cycle by gait cycle (`snakemake refine`)."""
