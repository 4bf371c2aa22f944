"""Markers without a marker set: how well registration and inverse kinematics follow them, and what it costs.

`python bench/inputs.py [COLLECTION ...]` reads the people of `bench/someone.py` from the data folder (MINT_SHARED),
runs validation, body, scaling with registration and inverse kinematics of every chunk in this process, and writes
`results/benchmarks/inputs.json`: per file format, markers followed, RMS of marker errors over all frames of its chunks
[mm], RMSE of hip, knee and ankle flexion against published inverse kinematics [deg], of joint angles (a constant
difference of the two models included) and of segments from standing (`bench/flexion.py`), processor time of
registration [s], or why it was refused; over people the median. People are divided once by a hash of their name: priors
and weights may be chosen on one half.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from flexion import Flexions, rmse
from someone import Someone, people
from trials import ROOT

from mint.body import markers, stage, validate
from mint.config.body import BodyConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.validate import ValidateConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, frame_count, windows
from mint.core.motionfiles import read_storage
from mint.kinematics import ik, scale

OUT = ROOT / "results" / "bench" / "inputs"
MODEL = "pose2sim"
SHAPED_BY = 3
ANGLES = tuple(f"{name}_{side}" for name in ("hip_flexion", "knee_angle", "ankle_angle") for side in "rl")


def main(collections: list[str]) -> None:
    """Run and write the table."""
    chosen = people(collections)
    osim = prepared_model()
    files = [row for each in chosen for row in run(each, osim)]
    by_person: dict[str, list[float]] = {}
    for row in files:
        if row["marker_rms_mm"] is not None:
            by_person.setdefault(f"{row['half']} {row['person']}", []).append(row["marker_rms_mm"])
    rms = {person: float(np.sqrt(np.mean(np.square(each)))) for person, each in by_person.items()}
    table = {
        "files": files,
        "marker_rms_mm_median": _median(list(rms.values())),
        **{
            f"marker_rms_mm_median_{half}": _median([rms[person] for person in rms if person.startswith(half)])
            for half in ("choose", "judge")
        },
        "marker_rms_mm_max": max(rms.values(), default=None),
    }
    write_text(ROOT / "results" / "benchmarks" / "inputs.json", json.dumps(table, indent=1))
    for row in files:
        print(
            f"{row['file']:60s} {row['format'] or '':5s} {row['markers_used'] or 0:3d} markers  "
            f"rms {row['marker_rms_mm']} mm  angles {row['angle_rmse_deg']} deg  "
            f"from standing {row['angle_rmse_from_standing_deg']} deg  {row['registration_core_s']} s  "
            f"{row['refused'] or ''}"
        )
    print({key: value for key, value in table.items() if key != "files"})


def prepared_model() -> Path:
    """The model as the workflow prepares it; from a run of the workflow if there is one."""
    for place in ("results/inputs/models", "results/bench/measured/inputs/models", "results/bench/inputs"):
        path = ROOT / place / f"{MODEL}_prepared.osim"
        if path.is_file():
            return path
    raise SystemExit(f"no prepared model: run `snakemake results/inputs/models/{MODEL}_prepared.osim` first")


def video_places() -> Path:
    """Where key points of video are on the model, from a run of the workflow."""
    path = ROOT / "results" / "inputs" / "video_places.csv"
    if not path.is_file():
        raise SystemExit("no places of key points: run `snakemake results/inputs/video_places.csv` first")
    return path


def run(someone: Someone, osim: Path) -> list[dict[str, Any]]:
    """Rows of the table for one person."""
    folder = OUT / someone.collection / someone.name
    bodies, valid = [], []
    for trial in someone.trials:
        own = folder / trial.stem
        validate.run(trial, None, own / "validated.npz", ValidateConfig(trc_up_axis=someone.up_axis))
        stage.run(
            own / "validated.npz",
            None,
            None,
            own / "body.npz",
            BodyConfig(),
            static_path=someone.static,
            mass_kg=someone.mass_kg,
        )
        bodies.append(own / "body.npz")
        valid.append(own / "validated.npz")
    before = time.process_time()
    scaled = scale.run(
        osim,
        bodies[:SHAPED_BY],
        "",
        MODEL,
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg_model.json",
        folder / "scale.npz",
        KinematicsConfig(),
        static_path=someone.static,
        mass_kg=someone.mass_kg,
        validated=valid[:SHAPED_BY],
        marker_set_csv=folder / "marker_set.csv",
        video_places=video_places(),
    )
    seconds = round(time.process_time() - before, 1)
    return [_row(someone, trial, folder, scaled, seconds) for trial in someone.trials]


def _row(someone: Someone, trial: Path, folder: Path, scaled: Bundle, seconds: float) -> dict[str, Any]:
    own = folder / trial.stem
    valid, body = (Bundle.read(own / f"{name}.npz") for name in ("validated", "body"))
    row: dict[str, Any] = {
        "file": f"{someone.collection}/{someone.name}/{trial.name}",
        "person": f"{someone.collection}/{someone.name}",
        "half": someone.half,
        "format": valid.meta.get("source"),
        "markers_used": None,
        "marker_rms_mm": None,
        "angle_rmse_deg": None,
        "angle_rmse_from_standing_deg": None,
        "registration_core_s": seconds,
        "refused": next((each.status.message for each in (valid, body, scaled) if not each.ok), None),
        "chunks_refused": [],
    }
    if row["refused"]:
        return row
    chunks = _chunks(own, folder, valid)
    good = [each for each in chunks if each.ok]
    row["chunks_refused"] = [each.status.message for each in chunks if not each.ok]
    row["markers_used"] = len(scaled.names("registered"))
    if good:
        errors = np.concatenate([each["marker_rms_m"] for each in good])
        row["marker_rms_mm"] = round(1e3 * float(np.sqrt(np.mean(errors**2))), 2)
        published = [path for path in someone.angles if path.stem == f"{trial.stem}_ik"]
        row["angle_rmse_deg"] = _angles(good, published[0]) if published else None
        if published and someone.model is not None and someone.static is not None:
            row["angle_rmse_from_standing_deg"] = _from_standing(someone, folder, good, published[0])
    return row


def _chunks(own: Path, folder: Path, valid: Bundle) -> list[Bundle]:
    """Inverse kinematics of every window."""
    last = frame_count((len(valid["markers"]) - 1) / float(valid.meta["frame_rate_hz"]))
    config, out = KinematicsConfig(), []
    for window in windows(last):
        ends = (window.start, window.stop)
        markers.run(
            own / "validated.npz",
            own / "body.npz",
            None,
            None,
            own / "markers.trc",
            window=ends,
            margin_frames=config.margin_frames,
            config=BodyConfig(),
        )
        out.append(
            ik.run(
                own / "markers.trc",
                folder / "scale.npz",
                folder / "scaled.osim",
                folder / "leg.osim",
                ends,
                own / f"ik{window.chunk:03d}.npz",
                config,
            )
        )
    return out


def _angles(chunks: list[Bundle], path: Path) -> dict[str, float]:
    """RMSE [deg] of flexion angles over all frames of the chunks, both sides together."""
    time_s, columns, values, degrees = read_storage(path)
    values = values if degrees else np.degrees(values)
    squares: dict[str, list[Any]] = {}
    for chunk in chunks:
        at = chunk["frames"] / FRAME_RATE_HZ + time_s[0]
        names = chunk.names("coordinates")
        for name in ANGLES:
            own = np.degrees(chunk["q"][:, names.index(name)])
            squares.setdefault(name[:-2], []).append((own - np.interp(at, time_s, values[:, columns.index(name)])) ** 2)
    return {name: round(float(np.sqrt(np.mean(np.concatenate(each)))), 2) for name, each in squares.items()}


def _from_standing(someone: Someone, folder: Path, chunks: list[Bundle], path: Path) -> dict[str, float]:
    """RMSE [deg] of the segments' flexion over all frames of the chunks, each model measured from its own standing."""
    standing = _standing(someone, folder)
    ours = Flexions(folder / "scaled.osim", standing.names("coordinates"), standing["q"])
    theirs = Flexions(someone.model, *_published(path.with_name(f"{someone.static.stem}_ik.mot"))[1:])
    time_s, columns, values = _published(path)
    own, other = [], []
    for chunk in chunks:
        at = chunk["frames"] / FRAME_RATE_HZ + time_s[0]
        own.append(ours.of(chunk.names("coordinates"), chunk["q"]))
        other.append(theirs.of(columns, np.stack([np.interp(at, time_s, column) for column in values.T], axis=1)))
    return rmse(own, other)


def _published(path: Path) -> tuple[Any, list[str], Any]:
    """Times (n,) s, names and values (n, m) in rad and m of a published motion."""
    time_s, columns, values, degrees = read_storage(path)
    if degrees:
        raise SystemExit(f"{path.name} is in degrees, and its file does not tell which columns are angles")
    return time_s, columns, values


def _standing(someone: Someone, folder: Path) -> Bundle:
    """Inverse kinematics of the static trial."""
    own = folder / someone.static.stem
    validate.run(someone.static, None, own / "validated.npz", ValidateConfig(trc_up_axis=someone.up_axis))
    stage.run(own / "validated.npz", None, None, own / "body.npz", BodyConfig(), mass_kg=someone.mass_kg)
    chunks = _chunks(own, folder, Bundle.read(own / "validated.npz"))
    return next(chunk for chunk in chunks if chunk.ok)


def _median(values: list[float]) -> float | None:
    return round(float(np.median(values)), 2) if values else None


if __name__ == "__main__":
    main(sys.argv[1:])
