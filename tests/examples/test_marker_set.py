"""examples/marker_set is a marker set that the workflow takes, and examples/check_marker_set.py finds slips in one."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core import tables
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.tables import RESOURCES
from mint.kinematics import scale
from mint.kinematics.model import marker_sets
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.marker_sets import MarkerSet, read_marker_set
from mint.kinematics.registration.skeleton import Skeleton
from mint.kinematics.scaling.tool import usable
from tests.examples.conftest import EXAMPLES, Example
from tests.kinematics_scale.register_person import Person, person

NAME = "lower_limb"
# Names of the person's markers -> those of the set.
OF_SET = {f"{side}{own}": f"{side}{theirs}" for side in "RL" for own, theirs in (("KNI", "KNM"), ("THI1", "THI"))}
MASS_KG = 70.0


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MarkerSet:
    """The example as a set of resources/marker_sets, where the manual says to copy it."""
    resources = tmp_path / "resources"
    (resources / "marker_sets").mkdir(parents=True)
    for path in RESOURCES.iterdir():
        if path.name != "marker_sets":
            (resources / path.name).symlink_to(path)
    shutil.copytree(EXAMPLES / "marker_set", resources / "marker_sets" / NAME)
    for module in (tables, marker_sets):
        monkeypatch.setattr(module, "RESOURCES", resources)
    return read_marker_set(NAME, "pose2sim")


@pytest.fixture(scope="module")
def walker(pose2sim_osim: Path) -> Person:
    """A person of known proportions, standing in the first frame and moving in the others."""
    return person(pose2sim_osim, moving=48)


@pytest.fixture(scope="module")
def files(walker: Person, pose2sim_osim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The person's markers as static.trc and walk.trc, and results with the model that `mint markers` asks for."""
    folder = tmp_path_factory.mktemp("marked")
    names = [OF_SET.get(name, name) for name in walker.seen.names]
    standing = np.repeat(walker.seen.points[:1], 12, axis=0)
    for name, points in (("static", standing), ("walk", walker.seen.points[1:])):
        write_trc(folder / f"{name}.trc", MarkerTable(names, points, np.arange(len(points)) / 50, 50.0))
    models = folder / "results" / "inputs" / "models"
    models.mkdir(parents=True)
    shutil.copy(pose2sim_osim, models / "pose2sim_prepared.osim")
    (folder / "results" / "inputs" / "video_places.csv").write_text("set,marker,body,x_m,y_m,z_m,source\n")
    # `mint markers` takes seconds and says the same of these files every time: it runs once.
    said, mint = folder / "said.txt", Path(sys.executable).parent / "mint"
    once = folder / "bin" / "mint"
    once.parent.mkdir()
    once.write_text(f'#!/bin/sh\n[ -s "{said}" ] || "{mint}" "$@" > "{said}" || exit\ncat "{said}"\n', encoding="utf-8")
    once.chmod(0o755)
    return folder


def test_the_reader_of_marker_sets_takes_the_example(copied: MarkerSet, pose2sim_osim: Path) -> None:
    points = [*copied.names, *(point.name for point in copied.derived)]
    bodies = Skeleton(pose2sim_osim, coordinate_rows("pose2sim")).bodies
    assert len(copied.names) == 24 and len(set(points)) == len(points)
    assert copied.measurements and all(usable(each, dict.fromkeys(points)) for each in copied.measurements)
    assert all(set(point.sources) <= set(copied.names) for point in copied.derived)
    assert {marker.body for marker in copied.markers} <= set(bodies)
    assert {body for each in copied.measurements for body in each.bodies} <= set(bodies)


def test_a_person_is_scaled_with_the_copied_example(
    copied: MarkerSet, walker: Person, pose2sim_osim: Path, tmp_path: Path
) -> None:
    rest = dict(zip([OF_SET.get(n, n) for n in walker.seen.names], walker.seen.points[0], strict=True))
    lowest = min(place[1] for place in rest.values())
    arrays = {"rest_markers": np.array(list(rest.values())) - [0, lowest, 0], "marker_names": list(rest)}
    Bundle.of("body", arrays, {"mass_kg": MASS_KG, "rest_source": "static"}).write(tmp_path / "body.npz")
    scaled = scale.run(
        pose2sim_osim,
        [tmp_path / "body.npz"],
        NAME,
        "pose2sim",
        tmp_path / "scaled.osim",
        tmp_path / "leg.osim",
        tmp_path / "leg.json",
        tmp_path / "scale.npz",
        KinematicsConfig(),
    )
    assert scaled.ok, scaled.status.message
    assert not scaled.meta["unused_measurements"]
    for body, factor in (("femur_r", "thigh_y"), ("tibia_l", "shank_y")):
        assert scaled.meta["scale_factors"][body][1] == pytest.approx(walker.factors[factor], abs=0.04), body


def checked(example: Example, files: Path, folder: Path) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Exit code of the script, bodies of set and file by marker, and all that it says."""
    done = example(
        "check_marker_set.py",
        *(folder, files / "walk.trc", "--static", files / "static.trc", "--results", files / "results"),
        ahead=files / "bin",
    )
    lines = done.stdout.partition("body found\n")[2].partition("in the file only")[0].splitlines()
    rows = [re.fullmatch(r"(\S+) +(\S+) +(\S.*?)(  <-)?", line) for line in lines]
    return done.returncode, {row[1]: (row[2], row[3]) for row in rows if row}, done.stdout + done.stderr


def test_every_marker_of_the_example_moves_with_the_body_that_the_set_says(
    example: Example, files: Path, walker: Person
) -> None:
    code, rows, said = checked(example, files, EXAMPLES / "marker_set")
    assert code == 0, said
    truth = {OF_SET.get(name, name): body for name, body in walker.bodies.items()}
    for marker in (line.split(",")[0] for line in marker_rows(EXAMPLES / "marker_set")):
        assert rows[marker] == (truth[marker], truth[marker]), marker
    assert "24 of 24 markers are in the file, 0 of them on another body" in said
    [others] = re.findall(r"in the file only, so not followed with this set: (.*)", said)
    assert set(others.split(", ")) == truth.keys() - rows.keys()


def test_a_marker_on_a_wrong_body_and_one_that_is_not_there_are_found(
    example: Example, files: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    shutil.copytree(EXAMPLES / "marker_set", folder)
    table = folder / "markers_pose2sim.csv"
    text = table.read_text(encoding="utf-8")
    text = text.replace("\nRKNE,marker,femur_r", "\nRKNE,marker,tibia_r").replace("\nCLAV,marker", "\nSTERNUM,marker")
    table.write_text(text, encoding="utf-8")
    code, rows, said = checked(example, files, folder)
    assert code == 1 and "look at RKNE." in said, said
    assert rows["RKNE"] == ("tibia_r", "femur_r") and rows["STERNUM"] == ("torso", "not in the file")
    assert "23 of 24 markers are in the file, 1 of them on another body" in said
    assert {marker for marker, (of_set, found) in rows.items() if of_set != found} == {"RKNE", "STERNUM"}


def test_a_file_that_is_refused_is_told_with_the_reason_of_mint_markers(
    example: Example, files: Path, walker: Person, tmp_path: Path
) -> None:
    few = MarkerTable(walker.seen.names[:5], walker.seen.points[1:, :5], np.arange(48) / 50, 50.0)
    write_trc(tmp_path / "few.trc", few)
    done = example("check_marker_set.py", EXAMPLES / "marker_set", tmp_path / "few.trc", "--results", files / "results")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "refused: " in done.stderr and "`mint markers` places no markers of this file." in done.stderr


def marker_rows(folder: Path) -> list[str]:
    """Lines of the table of markers that are no points derived from others."""
    lines = (folder / "markers_pose2sim.csv").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if ",marker," in line and not line.startswith(("#", "marker,"))]
