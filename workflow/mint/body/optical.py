"""What optical markers tell about the body. The laboratory's floor is the ground."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.axes import z_up_to_y_up
from mint.body.events import recorded
from mint.body.human import Declared, judge_markers
from mint.body.parts import FEET, PARTS, lowest, part_of_body
from mint.body.resample import resample_markers
from mint.body.validate_trc import lost_as_nan
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import read_trc
from mint.core.status import Reason, StageError, StageStatus

Floats = NDArray[np.float64]

# Parts by what laboratories call their markers, for marker sets without a table; the first match counts.
_NAME_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("toe", "heel", "hee", "calc", "meta", "mt1", "mt2", "mt5", "mtp", "foot"), "foot"),
    (("ankle", "ank", "shank", "sh1", "sh2", "sh3", "tib", "knee", "kne", "mall"), "lower_leg"),
    (("thigh", "thi", "femur", "hjc"), "upper_leg"),
    (("hand", "finger", "fin"), "hand"),
    (("forearm", "elbow", "elb", "ulna", "radius", "wr"), "forearm"),
    (("humerus", "upperarm", "upa", "arm"), "upper_arm"),
)
_TRUNK_NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("asis", "psis", "asi", "psi", "sacr", "pelv"), "pelvis"),
    (("head", "hd"), "head"),
)
_HUMAN, _UNDECLARED = HumanConfig(), Declared()


def measure_optical(
    validated: Bundle,
    config: BodyConfig,
    static_path: str | Path | None,
    marker_bodies: Mapping[str, str] | None,
    human: HumanConfig = _HUMAN,
    declared: Declared = _UNDECLARED,
) -> Bundle:
    """`body.npz` of a marker trial: part heights from the markers that exist; parts without one are left out.

    Rest markers, floor at y = 0, are medians over the static trial; without one (flagged) they are the
    frame of this trial whose marker distances are nearest to their medians. `marker_distances (M,M)` m are
    those medians. Stature and mass cannot be told. Raises StageError.
    """
    names = validated.names("marker_names")
    markers = resample_markers(validated["markers"], float(validated.meta["frame_rate_hz"]))
    lowest_marker = float(np.nanmin(markers[:, :, 1]))
    markers = markers - np.array([0.0, config.lab_floor_m, 0.0])
    standing = _static(Path(static_path), str(validated.meta.get("up_axis", "y"))) if static_path else None
    verdict = judge_markers(validated, declared, human, (str(static_path), *standing) if standing else None)
    warnings = [*verdict.texts]
    if standing:
        rest_names, static = standing
        static = static - np.array([0.0, config.lab_floor_m, 0.0])
        rest, distances = np.nanmedian(static, axis=0), median_distances(static)
    else:
        rest_names, distances = names, median_distances(markers)
        rest = most_typical_frame(markers, distances)
        warnings.append("no static trial: the subject is scaled from marker distances over this trial")
    mounted = _mounting_heights(
        markers[:, :, 1], names, dict(zip(rest_names, rest[:, 1], strict=True)) if static_path else {}, config
    )
    heights, used = _part_heights(markers[:, :, 1], names, marker_bodies, mounted)
    arrays = {
        "heights": heights,
        "part_names": np.asarray(used),
        "rest_markers": rest,
        "marker_names": np.asarray(rest_names),
        "marker_distances": distances,
    }
    meta = {
        "source": "trc",
        "gender": validated.meta.get("gender", "neutral"),
        "stature_m": None,
        "mass_kg": None,
        "ground_m": config.lab_floor_m,
        "ground_paper_m": lowest_marker,
        "ground_method": "lab_floor",
        "slow_share": None,
        "rest_source": "static" if static_path else "trial",
        **recorded(str(validated.meta.get("path")), verdict.events, human.jump_margin_s),
    }
    return Bundle(StageStatus("body", warnings=tuple(warnings)), arrays, meta)


def _mounting_heights(
    heights: Floats, names: list[str], standing: Mapping[str, float], config: BodyConfig
) -> dict[str, float]:
    """Height of each marker above the sole under it, m: in the static trial, else at the trial's lowest.

    The lowest is the 2nd percentile, as for the ground. A marker that is never near the floor keeps the
    configured height, so that a trial on a box is not taken for one on the floor.
    """
    out = {}
    for index, name in enumerate(names):
        seen = heights[np.isfinite(heights[:, index]), index]
        height = standing.get(
            name, float(np.percentile(seen, config.ground_percentile)) if len(seen) else np.nan
        )
        near = np.isfinite(height) and 0 <= height <= config.max_foot_marker_height_m
        out[name] = float(height) if near else config.foot_marker_height_m
    return out


def most_typical_frame(markers: Floats, distances: Floats, candidates: int = 200) -> Floats:
    """Frame `(M,3)` of `markers (n,M,3)` with the most markers and distances nearest to `distances (M,M)`."""
    frames = np.unique(np.linspace(0, len(markers) - 1, min(candidates, len(markers))).astype(int))
    seen = np.sum(np.all(np.isfinite(markers[frames]), axis=2), axis=1)
    best, least = frames[0], np.inf
    for frame in frames[seen == seen.max()]:
        own = np.linalg.norm(markers[frame][:, None] - markers[frame][None], axis=2)
        off = float(np.nanmean(np.abs(own - distances)))
        if off < least:
            best, least = frame, off
    return np.asarray(markers[best])


def median_distances(markers: Floats) -> Floats:
    """Median over frames of the distance of each two markers, `(M,M)` m; NaN if never seen together."""
    count = markers.shape[1]
    out = np.full((count, count), np.nan)
    for first in range(count):
        distance = np.linalg.norm(markers - markers[:, first : first + 1], axis=2)
        seen = np.any(np.isfinite(distance), axis=0)
        out[first, seen] = np.nanmedian(distance[:, seen], axis=0)
    return out


def part_of_name(marker: str) -> str:
    """Part of a marker by its name (`R_toe`, `L.ASIS`, `RKNE`); torso if nothing fits."""
    name = marker.lower()
    for words, part in _TRUNK_NAMES:
        if any(word in name for word in words):
            return part
    side = "r" if name.startswith(("r", "right")) else "l" if name.startswith(("l", "left")) else ""
    for words, part in _NAME_PARTS:
        if side and any(word in name for word in words):
            return f"{part}_{side}"
    return "torso"


def _part_heights(
    heights: Floats, names: list[str], marker_bodies: Mapping[str, str] | None, mounted: Mapping[str, float]
) -> tuple[Floats, list[str]]:
    """Lowest height of each part that has markers; those of feet less their mounting height, hence soles."""
    parts = [
        part_of_body(marker_bodies[name]) if marker_bodies and name in marker_bodies else part_of_name(name)
        for name in names
    ]
    above = heights - np.array(
        [mounted[name] if part in FEET else 0.0 for name, part in zip(names, parts, strict=True)]
    )
    used = [part for part in PARTS if part in parts]
    members = [np.flatnonzero([part == each for each in parts]) for part in used]
    return lowest(above, members), used


def _static(path: Path, up_axis: str) -> tuple[list[str], Floats]:
    table = read_trc(path)
    if not len(table.positions):
        raise StageError(Reason.SCALING, f"static trial {path} has no frames")
    positions = lost_as_nan(table.positions)
    if up_axis == "z":
        positions = z_up_to_y_up(positions)
    seen = np.any(np.isfinite(positions[:, :, 0]), axis=0)
    if not seen.any():
        raise StageError(Reason.SCALING, f"static trial {path} has no marker positions")
    return [name for name, each in zip(table.names, seen, strict=True) if each], positions[:, seen]
