"""Rule drawing: merged sequences, scaled models and surfaces of bones go in, what the 3-D view draws comes out."""

from pathlib import Path

from mint.config.report import ReportConfig
from mint.core.joblog import redirect_to
from mint.drawing import build
from mint.plan.file import read_plan

redirect_to(snakemake.log[0])
results = Path(snakemake.output.index).parents[1]
plan = read_plan(snakemake.input.records)
wheel = snakemake.input.geometry
geometry = Path(wheel, "Pose2Sim", "OpenSim_Setup", "Geometry") if wheel else None
build.run(plan, results, geometry, ReportConfig(**snakemake.params.config))
