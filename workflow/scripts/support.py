"""Rule support: coordinates and part heights go in, who carries the body comes out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "support",
    "support.npz",
    "mint.support.stage:run",
    config=("mint.config.support:SupportConfig", snakemake.params.config),
    shared={"leg_model_json": snakemake.input.leg_json},
    own={"ik_path": "ik.npz", "body_path": "../../body.npz"},
    values={
        "name": "sequence",
        "window": "window",
        "belt_velocity": "belt_velocity_m_s",
    },
    watched=checkout_files(snakemake.params.tables),
)

run_job(stage, snakemake)
