"""Rule opensim_model: scaled models go in, models for OpenSim with their actuators and a record come out."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.exchange.models import run

redirect_to(snakemake.log[0])
wheel = snakemake.input.geometry
run(
    snakemake.input.leg,
    snakemake.input.scaled,
    Path(wheel, "Pose2Sim", "OpenSim_Setup", "Geometry") if wheel else None,
    snakemake.output.record,
    snakemake.params.model,
    {**snakemake.params.solved, "trunk_passive_forces": snakemake.params.trunk["passive_forces"]},
)
