"""The command `mint`: small commands around the workflow, for people who do not want to know Snakemake."""
