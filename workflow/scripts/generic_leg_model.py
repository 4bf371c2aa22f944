"""Rule generic_leg_model: the unscaled model goes in, its leg model comes out: the topology to compile."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.model.export import export_leg_model

redirect_to(snakemake.log[0])
derive_leg_model(Path(snakemake.input.model), Path(snakemake.output.leg))
export_leg_model(Path(snakemake.output.leg), Path(snakemake.output.leg_json))
