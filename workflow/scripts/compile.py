"""Rule compile: the topology of the leg model goes in; compiled equations of motion and their record come out."""

from pathlib import Path

from mint.config.trajectory import TrajectoryConfig
from mint.core.joblog import redirect_to
from mint.trajectory import compile as compilation

redirect_to(snakemake.log[0])
record = Path(snakemake.output.record)
config = TrajectoryConfig(**snakemake.params.config)
compilation.build(snakemake.input.leg_json, record.parent, record=record, config=config)
