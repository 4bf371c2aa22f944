"""EMG of a sequence, and the largest of a person: what is written, what is left out, and that it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.config.measured import MeasuredConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import write_storage
from mint.core.status import Reason, StageError
from mint.measured.envelope import envelope
from mint.measured.scale import run as scale
from mint.measured.stage import run
from tests.measured.people import body, validated

CONFIG = MeasuredConfig()
RATE = 1000.0
TIME = np.arange(4001) / RATE


def signal(seed: int, size: float = 1.0) -> np.ndarray:
    """Noise of the band with a burst a second."""
    return size * np.random.default_rng(seed).normal(size=len(TIME)) * (0.02 + np.exp(-((TIME % 1 - 0.5) ** 2) / 0.01))


def measured(folder: Path, motion: Bundle | None = None, **values: object) -> Bundle:
    (motion or validated()).write(folder / "v.npz")
    body().write(folder / "b.npz")
    bundle = run(folder / "v.npz", folder / "b.npz", folder / "m.npz", CONFIG, **values)
    assert bundle.ok, bundle.status.message
    return Bundle.read(folder / "m.npz")


def table(folder: Path, channels: dict[str, np.ndarray], start_s: float = 0.0) -> Path:
    write_storage(folder / "emg.sto", TIME + start_s, list(channels), np.stack(list(channels.values()), axis=1), "EMG")
    return folder / "emg.sto"


def with_analog(names: list[str], samples: np.ndarray, units: list[str]) -> Bundle:
    motion = validated(analog=samples.astype(np.float32), analog_names=np.asarray(names))
    motion.meta |= {"analog_rate_hz": RATE, "analog_units": units}
    return motion


def test_without_measurements_there_are_empty_arrays_of_the_right_shape(tmp_path: Path) -> None:
    bundle = measured(tmp_path)
    shapes = {name: bundle[name].shape for name in bundle.arrays}
    assert shapes == {
        "plate_names": (0,),
        "force_time_s": (0,),
        "plate_force_N": (0, 0, 3),
        "plate_centre_m": (0, 0, 3),
        "plate_free_moment_Nm": (0, 0, 3),
        "plate_corners_m": (0, 4, 3),
        "emg_channels": (0,),
        "emg_time_s": (0,),
        "emg_envelope_V": (0, 0),
        "emg_flag": (0,),
        "emg_recorded": (0,),
    }
    assert bundle.meta == {
        "forces_from": "",
        "emg_muscles": {},
        "emg_unknown": [],
        "emg_kind": "",
        "emg_from": "",
        "notes": [],
    }
    assert bundle.status.warnings == () and bundle.names("emg_channels") == []


@pytest.mark.parametrize(("start_s", "offset_s"), [(0.0, 0.0), (2.5, 0.0), (2.5, -0.013)])
def test_envelopes_of_a_file_are_on_the_clock_of_the_motion(tmp_path: Path, start_s: float, offset_s: float) -> None:
    raw = {"R_Soleus": signal(0), "TA_L": signal(1, 3e-4)}
    bundle = measured(tmp_path, validated(start_s), emg_path=table(tmp_path, raw, start_s), emg_offset_s=offset_s)
    assert bundle.names("emg_channels") == ["soleus_r", "tibialis_anterior_l"] and bundle.names("emg_recorded") == list(
        raw
    )
    assert bundle.names("emg_flag") == ["", ""] and bundle.meta["emg_kind"] == "raw"
    assert bundle.meta["emg_muscles"] == {"soleus_r": ["LU_soleus_r"], "tibialis_anterior_l": ["LU_tibant_l"]}
    time = bundle["emg_time_s"]
    np.testing.assert_allclose(time * CONFIG.rate_hz, np.round(time * CONFIG.rate_hz), atol=1e-9)
    assert -0.001 <= time[0] - offset_s <= 0.01 and 3.99 - 1e-9 <= time[-1] - offset_s <= 4.0 + 1e-9
    for row, samples in enumerate(raw.values()):
        wanted = np.interp(time - offset_s, TIME, envelope(samples, RATE, "raw", CONFIG))
        np.testing.assert_allclose(bundle["emg_envelope_V"][row], wanted, atol=1e-6 * wanted.max())


def test_analog_channels_of_the_motion_file_are_in_volts_and_others_are_named(tmp_path: Path) -> None:
    samples = np.stack([1000 * signal(0), signal(1), signal(2)])
    motion = with_analog(["R_soleus", "Sync", "R_TA"], samples, ["mV", "V", "V"])
    bundle = measured(tmp_path, motion)
    assert bundle.names("emg_channels") == ["soleus_r", "tibialis_anterior_r"] and bundle.meta["emg_unknown"] == [
        "Sync"
    ]
    assert bundle.meta["emg_from"] == "walk.trc" and "Sync" in bundle.status.warnings[0]
    np.testing.assert_allclose(
        bundle["emg_envelope_V"][0].max(), envelope(signal(0), RATE, "raw", CONFIG).max(), rtol=0.02
    )


def test_the_table_wins_over_the_channels_of_the_motion_file(tmp_path: Path) -> None:
    motion = with_analog(["R_soleus"], signal(0)[None], ["V"])
    bundle = measured(tmp_path, motion, emg_path=table(tmp_path, {"L_soleus": signal(1)}))
    assert bundle.names("emg_channels") == ["soleus_l"]


def test_channels_of_a_motion_file_that_are_no_emg_are_no_doubt(tmp_path: Path) -> None:
    bundle = measured(tmp_path, with_analog(["Sync", "Fx9"], np.stack([signal(0), signal(1)]), ["V", "N"]))
    assert (
        bundle.names("emg_channels") == []
        and bundle.status.warnings == ()
        and bundle.meta["emg_unknown"] == ["Sync", "Fx9"]
    )


def test_a_channel_that_tells_nothing_is_flagged_and_told(tmp_path: Path) -> None:
    lost = signal(5)
    lost[100] = np.nan
    channels = {
        "R_SOL": signal(0),
        "R_TA": np.full(len(TIME), 2.0),
        "R_RF": np.clip(signal(1), -0.5, 0.5),
        "R_VL": lost,
        "R_VM": np.random.default_rng(9).normal(size=len(TIME)),
        "R_BF": signal(2) + np.sin(2 * np.pi * 50 * TIME),
    }
    bundle = measured(tmp_path, emg_path=table(tmp_path, channels))
    assert bundle.names("emg_flag") == ["", "flat", "clipped", "not_finite", "no_signal", "mains"]
    notes = " ".join(bundle.status.warnings)
    assert all(
        name in notes
        for name in (
            "tibialis_anterior_r",
            "rectus_femoris_r",
            "vastus_lateralis_r",
            "vastus_medialis_r",
            "biceps_femoris_r",
        )
    )
    assert (
        "soleus_r" not in notes
        and np.isnan(bundle["emg_envelope_V"][3]).all()
        and np.isfinite(bundle["emg_envelope_V"][0]).all()
    )


def test_a_rate_that_holds_no_emg_is_flagged(tmp_path: Path) -> None:
    write_storage(tmp_path / "slow.sto", np.arange(200) / 50, ["soleus_r"], signal(0)[:200, None])
    assert measured(tmp_path, emg_path=tmp_path / "slow.sto").names("emg_flag") == ["slow_rate"]


def test_an_envelope_is_taken_as_it_is_and_a_rectified_signal_is_smoothed(tmp_path: Path) -> None:
    smooth = envelope(signal(0), RATE, "raw", CONFIG)
    bundle = measured(
        tmp_path, emg_path=table(tmp_path, {"soleus_r": smooth, "vasmed_r": envelope(signal(1), RATE, "raw", CONFIG)})
    )
    assert bundle.meta["emg_kind"] == "envelope"
    np.testing.assert_allclose(bundle["emg_envelope_V"][0], smooth[::10], atol=1e-9)
    bundle = measured(tmp_path, emg_path=table(tmp_path, {"soleus_r": np.abs(signal(0))}))
    assert (
        bundle.meta["emg_kind"] == "raw"
        and "rectified already" in bundle.status.warnings[0]
        and bundle.names("emg_flag") == [""]
    )


@pytest.mark.parametrize(
    ("channels", "said"), [({"soleus": 0}, "soleus (no side: state emg_side)"), ({"Sync": 0}, "Sync")]
)
def test_a_file_without_a_known_channel_is_left_out_and_told(
    tmp_path: Path, channels: dict[str, int], said: str
) -> None:
    bundle = measured(tmp_path, emg_path=table(tmp_path, {name: signal(seed) for name, seed in channels.items()}))
    assert bundle.names("emg_channels") == [] and len(bundle.status.warnings) == 1
    assert said in bundle.status.warnings[0] and "emg.sto" in bundle.status.warnings[0]


def test_a_stated_side_resolves_names_without_one(tmp_path: Path) -> None:
    path = table(tmp_path, {"SOL": signal(0), "VL_L": signal(1)})
    assert measured(tmp_path, emg_path=path, emg_side="r").names("emg_channels") == ["soleus_r", "vastus_lateralis_l"]


def test_broken_emg_leaves_forces_alone_and_the_sequence(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("time,soleus_r\n0,x\n")
    bundle = measured(tmp_path, emg_path=tmp_path / "bad.csv")
    assert len(bundle.status.warnings) == 1 and "line 2, column 2: 'x' is no finite number" in bundle.status.warnings[0]
    assert "emg_missing.sto is no file" in measured(tmp_path, emg_missing="emg_missing.sto").status.warnings[0]


def sequence(folder: Path, name: str, **tops: float) -> Path:
    """A measured sequence with envelopes that reach `tops`; names that end with `_flat` are flagged."""
    flags = ["flat" if channel.endswith("_flat") else "" for channel in tops]
    values = np.array([np.linspace(0, top, 5) for top in tops.values()]).reshape(len(tops), 5)
    Bundle.of(
        "measured",
        {
            "emg_channels": np.asarray([channel.removesuffix("_flat") for channel in tops], dtype=np.str_),
            "emg_flag": np.asarray(flags, dtype=np.str_),
            "emg_envelope_V": values,
        },
    ).write(folder / name)
    return folder / name


def test_the_largest_of_a_person_is_that_of_all_good_trials(tmp_path: Path) -> None:
    paths = [
        sequence(tmp_path, "a.npz", soleus_r=2e-4, gracilis_r_flat=9.0),
        sequence(tmp_path, "b.npz", soleus_r=3e-4, soleus_l=1e-4),
        sequence(tmp_path, "c.npz"),
    ]
    Bundle(StageError(Reason.FILE_CORRUPT, "d.trc").as_status("validate")).write(tmp_path / "d.npz")
    bundle = scale([*paths, tmp_path / "d.npz"], tmp_path / "emg.npz")
    assert bundle.ok and Bundle.read(tmp_path / "emg.npz").names("channels") == ["soleus_l", "soleus_r"]
    np.testing.assert_allclose(bundle["maximum_V"], [1e-4, 3e-4])
    assert bundle.meta["how"] == {"soleus_l": "largest of 1 sequences", "soleus_r": "largest of 2 sequences"}
    again = scale([*reversed(paths), tmp_path / "d.npz"], tmp_path / "again.npz")
    np.testing.assert_array_equal(again["maximum_V"], bundle["maximum_V"])


def test_a_given_maximum_wins_and_one_that_fits_nothing_is_told(tmp_path: Path) -> None:
    path = sequence(tmp_path, "a.npz", soleus_r=2e-4, soleus_l=2e-4)
    bundle = scale([path], tmp_path / "emg.npz", given={"soleus_r": 5e-4, "soleus_l": 1e-4, "gracilis_r": 1.0})
    np.testing.assert_allclose(bundle["maximum_V"], [1e-4, 5e-4])
    assert bundle.meta["how"]["soleus_r"] == "given"
    assert (
        len(bundle.status.warnings) == 2
        and "soleus_l" in bundle.status.warnings[0]
        and "gracilis_r" in bundle.status.warnings[1]
    )


def test_a_person_without_emg_has_an_empty_scale(tmp_path: Path) -> None:
    bundle = scale([sequence(tmp_path, "a.npz")], tmp_path / "emg.npz")
    assert bundle.ok and bundle["maximum_V"].shape == (0,) and Bundle.read(tmp_path / "emg.npz").names("channels") == []


def test_published_envelopes_are_recognized(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    for name, count in (("moco_walk/electromyography.sto", 10), ("hamner2013/subject01/Run_4_emg.sto", 11)):
        bundle = measured(tmp_path, emg_path=shared(f"motion/{name}"), emg_side="r")
        assert bundle.meta["emg_kind"] == "envelope" and bundle.names("emg_flag") == [""] * count
