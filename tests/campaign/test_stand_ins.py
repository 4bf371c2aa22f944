"""Stand-ins for motion files are planned as the files would be."""

from __future__ import annotations

from pathlib import Path

from mint.campaign.stand_ins import write_stand_ins
from mint.config.project import load_project
from mint.plan.project import make_plan


def test_every_stand_in_has_its_chunks_and_the_cost_of_a_motion(tmp_path: Path) -> None:
    table = write_stand_ins(tmp_path / "motion", subjects=[0, 0, 1], frames=[90, 300, 400])
    body = tmp_path / "bodies"
    for gender in ("male", "female", "neutral"):
        (body / gender).mkdir(parents=True)
        (body / gender / "model.npz").touch()
    (body / "markers.csv").touch()
    project = load_project(
        {
            "sequences": str(table),
            "results": str(tmp_path / "results"),
            "body": {"model_dir": str(body), "marker_map": str(body / "markers.csv")},
        }
    )
    plan = make_plan(project, tmp_path).plan
    assert [record["problem"] for record in plan["sequences"].values()] == [None] * 3
    assert [len(record["windows"]) for record in plan["sequences"].values()] == [1, 4, 5]
    # Motion of another speed costs something else, which is known only where the root has been read.
    assert len({round(cost, 6) for cost in plan["cost_s"].values()}) > 1
