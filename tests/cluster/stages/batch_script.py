"""What every batch rule runs in these tests: the real loop over members, with a toy for the stage."""

import os
from pathlib import Path

import toy

from mint.batch.check import OUTPUT, SUBJECT_OUTPUT
from mint.batch.run import Stage, run_job

OWN = {
    "body": ["validated.npz"],
    "measured": ["body.npz"],
    "markers": ["../../body.npz"],
    "ik": ["markers.trc"],
    "support": ["ik.npz"],
    "trajectory": ["ik.npz", "support.npz"],
    "verify": ["trajectory.npz"],
    "trunk": ["trajectory.npz"],
    "muscle_paths": ["scale.npz"],
    "compare": ["sequence.npz", "measured.npz"],
}
NAMED = {"merge": "files", "scale": "bodies", "emg_scale": "measured"}

name = snakemake.rule
SHARED = {"ik": [snakemake.input.get("scale")], "trajectory": [snakemake.input.get("paths")]}.get(name, [])
stage = Stage(
    name,
    {**OUTPUT, **SUBJECT_OUTPUT}[name],
    "toy:run_member",
    own={"own": OWN.get(name, [])},
    named={"named": NAMED[name]} if name in NAMED else {},
    shared={"shared": SHARED},
    values={"name": "name"},
    arguments={"stage": name},
    compute=toy.place if name == "markers" else None,
)
os.environ["MINT_TOY_JOB"] = str(os.getpid())
run_job(stage, snakemake)
for file in snakemake.output:
    Path(file).touch()
