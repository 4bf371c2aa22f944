"""Some hundred damaged files: each ends with a status, in planning and in validation, in bounded memory and time."""

from __future__ import annotations

import resource
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mint.body.smplh import load
from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.formats.header import motion_header
from tests.body import synthetic
from tests.body.other_bodies import write_model
from tests.formats.mutations import good, mutated

CONFIG = ValidateConfig()
SEEDS = range(600)
NAN_WHERE_LOST = ("markers", "plate_centre_m", "analog")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bodies of all genders, and SMPL-X of one: other bodies than that are shaped by height."""
    folder = synthetic.write_models(tmp_path_factory.mktemp("models"))
    write_model(folder, "smplx", load(folder, "female"))
    return folder


def outcomes(folder: Path, seed: int, models: Path) -> tuple[Reason | None, Bundle]:
    """What planning says of a damaged file (None if it is planned), and what validation makes of it.

    Whoever refuses names the file and what can be done.
    """
    path, source = mutated(seed, folder)
    try:
        header = motion_header(path, source, CONFIG)
        assert 0 < header.frames / header.rate_hz <= CONFIG.max_duration_s + 1
        planned = None
    except StageError as error:
        planned, detail, remedy = error.reason, error.detail, error.as_status("plan").remedy
        assert path.name in detail and remedy and "\n" not in detail and len(detail) < 2000, (seed, detail, remedy)
    bundle = run(path, source, folder / "v.out", CONFIG, model_dir=models, height_m=1.6)
    assert Bundle.read(folder / "v.out").status == bundle.status
    if planned is not None:
        assert (bundle.status.reason, bundle.status.detail, bundle.status.remedy) == (planned, detail, remedy), seed
    elif bundle.ok:
        frames = bundle[bundle.meta["kind"]]
        assert len(frames) == header.frames and bundle.meta["frame_rate_hz"] == header.rate_hz, seed
    else:
        assert bundle.status.remedy and path.name in bundle.status.detail, (seed, bundle.status.message)
    return planned, bundle


def test_every_damaged_file_ends_with_a_status_and_the_same_in_planning_and_validation(
    tmp_path: Path, models: Path
) -> None:
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counted: Counter[str] = Counter()
    for seed in SEEDS:
        planned, bundle = outcomes(tmp_path, seed, models)
        counted["refused in planning" if planned else "ok" if bundle.ok else "refused in validation"] += 1
        for name, array in bundle.arrays.items():
            assert array.dtype.kind == "U" or name in NAN_WHERE_LOST or np.isfinite(array).all(), seed
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert grown_kb < 300_000
    # Neither does everything pass nor nothing: the mutations reach all parts of the readers.
    assert min(counted["refused in planning"], counted["refused in validation"], counted["ok"]) > len(SEEDS) / 20, (
        counted
    )


@pytest.mark.parametrize("seed", range(16))
def test_what_the_damaged_files_begin_with_is_good(seed: int, tmp_path: Path, models: Path) -> None:
    path, source = good(seed, tmp_path)
    status = run(path, source, tmp_path / "v.out", CONFIG, model_dir=models, height_m=1.6).status
    assert status.ok and (status.warnings == () or source in ("smpl", "bvh")), status


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    for seed in range(40):
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir(exist_ok=True)
        second.mkdir(exist_ok=True)
        a, b = mutated(seed, first)[0], mutated(seed, second)[0]
        if a.is_file() and not a.is_symlink() and a.suffix in (".trc", ".c3d"):
            assert a.read_bytes() == b.read_bytes()
