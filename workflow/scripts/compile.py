"""Rule compile: the topology of the leg model goes in; compiled equations of motion and their record come out."""

import shutil
from pathlib import Path

from mint.batch.forced import Forced
from mint.config.trajectory import TrajectoryConfig
from mint.core.joblog import redirect_to
from mint.trajectory import compile as compilation

redirect_to(snakemake.log[0])
record = Path(snakemake.output.record)
config = TrajectoryConfig(**snakemake.params.config)
if Forced.read(record.parents[2]).holds(snakemake.rule, snakemake.output):
    # What was compiled once is not compiled again, unless that is what was asked for.
    for folder in record.parent.glob("*/"):
        shutil.rmtree(folder)
    for library in record.parent.glob("*.so"):
        library.unlink()
compilation.build(snakemake.input.leg_json, record.parent, record=record, config=config)
