"""What was compared becomes tables of the dataset, with units, and is opened by the reader."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mint.compare.stage import compared
from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.dataset import build
from mint.dataset.comparison import COMPARISONS
from mint.reader import MintReader
from tests.compare import walk
from tests.sequence.factory import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("compared"))
    for name in ("plates", "damaged", "failed", "none"):
        project.add(name, 100)
        project.solve(name)
        project.merge(name)
    found = compared(
        walk.sequence(shift_m=(0.012, 0.0)), walk.measured(corners_m=None), walk.maxima(), None, walk.EXACT
    )
    found.arrays["stance_vertical_rmse_bw"][1] = -1.0  # no root mean square is negative
    found.write(project.file("plates", "comparison.npz"))
    project.file("damaged", "comparison.npz").write_bytes(b"no zip")
    Bundle(StageError(Reason.FIELD_SHAPE, "measured.npz: plate_force_N").as_status("compare")).write(
        project.file("failed", "comparison.npz")
    )
    build.run(project.plan, project.results, DatasetConfig(pickles=False))
    return project


def test_stances_and_channels_are_rows_with_units(project: Project) -> None:
    reader = MintReader(project.results / "dataset")
    forces = reader.comparison("forces")
    assert list(forces["sequence_id"]) == ["plates", "plates"] and list(forces["feet"]) == ["r", "l"]
    assert list(forces["cop_fore_aft_offset_mm"]) == pytest.approx([12, 12])
    assert forces["vertical_rmse_bw"].isna().tolist() == [False, True], "a number that cannot be is as good as none"
    [channel] = reader.comparison("emg", "plates").to_dict("records")
    assert channel["correlation"] == pytest.approx(1) and channel["strands"] == "LU_soleus_r"
    assert len(reader.comparison("moments")) == 0 and len(reader.comparison("emg", "none")) == 0
    schema = pq.read_schema(project.results / "dataset" / "comparison_forces.parquet")
    assert schema.field("cop_fore_aft_rmse_mm").metadata[b"unit"] == b"mm"


@pytest.mark.parametrize("table", list(COMPARISONS))
def test_tables_are_there_without_any_measurement(tmp_path: Path, table: str) -> None:
    project = Project(tmp_path)
    project.add("walk", 100)
    project.solve("walk")
    project.merge("walk")
    build.run(project.plan, project.results, DatasetConfig(pickles=False))
    schema, _ = COMPARISONS[table]
    assert pq.read_schema(project.results / "dataset" / f"{table}.parquet").names == schema.names
    assert len(schema.read(project.results / "dataset")) == 0
