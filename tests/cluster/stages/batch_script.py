"""What every batch rule runs in these tests: the real loop over members, with a toy for the stage."""

import os
from functools import partial
from pathlib import Path

import toy

from mint.batch.check import OUTPUT, STAGES_OF, SUBJECT_OUTPUT
from mint.batch.job import run_job, run_stages
from mint.batch.run import Stage

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


def toy_stage(name, job, settings):
    shared = {"ik": [job.input.get("scale")], "trajectory": [job.input.get("paths")]}.get(name, [])
    return Stage(
        name,
        {**OUTPUT, **SUBJECT_OUTPUT}[name],
        "toy:run_member",
        own={"own": OWN.get(name, [])},
        named={"named": NAMED[name]} if name in NAMED else {},
        shared={"shared": shared},
        values={"name": "name"},
        arguments={"stage": name},
        depends=settings.get(name, {}),
        compute=toy.place if name == "markers" else None,
    )


os.environ["MINT_TOY_JOB"] = str(os.getpid())
if snakemake.rule in STAGES_OF:
    run_stages([partial(toy_stage, name) for name in STAGES_OF[snakemake.rule]], snakemake)
else:
    run_job(toy_stage(snakemake.rule, snakemake, {}), snakemake)
    for file in snakemake.output:
        Path(file).touch()
