"""Trials of one person are validated with the person's other trials at hand: one laboratory has one vertical."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mint.campaign.what_changed import planned_jobs
from mint.core.motionfiles import MarkerTable, write_trc
from tests.workflow.conftest import HEAD, Workspace


def test_another_static_trial_validates_the_trials_of_its_person_again(fresh: Workspace) -> None:
    motion = fresh.folder / "motion"
    places = np.tile(np.random.default_rng(1).uniform(0, 1.7, (1, 4, 3)), (101, 1, 1))
    for name in ("walk", "lies", "stands"):
        write_trc(
            motion / f"{name}.trc", MarkerTable(["C7", "r.ASIS", "L.ASIS", "r.PSIS"], places, np.arange(101) / 60, 60.0)
        )
    head = HEAD.strip() + "\tmarker_set\tstatic_path\n"
    rows = [f"{name}\ttrc\tmotion/{name}.trc\tD\tone\topencap_vicon\tmotion/stands.trc\n" for name in ("walk", "lies")]
    rows += ["poses\tamass\tmotion/a_poses.npz\tD\ttwo\t\t\n"]
    (fresh.folder / "config" / "sequences.tsv").write_text(head + "".join(rows))
    fresh.run()
    assert fresh.planned() == Counter()
    static = motion / "stands.trc"
    static.write_text(static.read_text().replace("0.9", "0.8"))
    jobs = planned_jobs(fresh.snakemake("all", "--summary").stdout)
    assert ["D-one" in job.name for job in jobs if job.rule == "validate"] == [True]
