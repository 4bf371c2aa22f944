"""Size of the body: plausible for a person, and what the sequence table declares against what mesh or markers show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import SIDES, Landmarks
from mint.config.human import HumanConfig
from mint.core.claims import AGREEMENT, difference
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

# Ankle to knee to hip to the middle of the shoulders: 0.285 - 0.039 + 0.245 + 0.288 of stature (Drillis and Contini
# 1966, in Winter 2009, fig. 4.1). Hips from markers of the pelvis are too high: trunks get shorter as thighs grow.
_CHAIN_SHARE = 0.779
# Ankle to knee to hip, ibid.
_LEG_SHARE = 0.491


@dataclass(frozen=True)
class Declared:
    """Mass [kg] and height [m] of the sequence table; None where the cell is empty."""

    mass_kg: float | None = None
    height_m: float | None = None


@dataclass(frozen=True)
class Size:
    """What the motion file shows: stature [m] and mass [kg], None where it does not tell; `source` names where from."""

    stature_m: float | None
    mass_kg: float | None
    source: str


def size_of_markers(marks: Landmarks) -> Size:
    """Stature from the segments between landmarks `(n, 3)` m, medians over the frames; markers tell no mass."""
    chains = [chain for side in SIDES if (chain := _chain(marks, side)) is not None]
    return Size(float(np.mean(chains)) / _CHAIN_SHARE if chains else None, None, "segments between the markers")


def _chain(marks: Landmarks, side: str) -> float | None:
    """Length from ankle to shoulders by way of knee and hip, m."""
    names = (f"ankle_{side}", f"knee_{side}", f"hip_{side}")
    if any(name not in marks for name in (*names, "pelvis", "shoulder_r", "shoulder_l")):
        return None
    points = [marks[name] for name in names]
    pieces = [points[0] - points[1], points[1] - points[2], marks["pelvis"] - marks["trunk"]]
    lengths = [np.linalg.norm(piece, axis=1) for piece in pieces]
    if not all(np.isfinite(length).any() for length in lengths):
        return None
    return float(sum(np.nanmedian(length) for length in lengths))


def leg_stature_m(marks: Landmarks) -> float | None:
    """Stature by the length of shank and thigh, m, for markers of the legs only; None without a whole leg."""
    lengths = []
    for side in SIDES:
        hip, knee, ankle = (marks.get(f"{kind}_{side}") for kind in ("hip", "knee", "ankle"))
        if hip is None or knee is None or ankle is None:
            continue
        leg = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
        lengths += [float(np.nanmedian(leg))] if np.isfinite(leg).any() else []
    return float(np.mean(lengths)) / _LEG_SHARE if lengths else None


def check_size(path: str, size: Size, config: HumanConfig) -> None:
    """Raise StageError(STATURE) for a mesh or markers that are not of a person's size."""
    if size.stature_m is not None and not config.min_stature_m <= size.stature_m <= config.max_stature_m:
        raise StageError(
            Reason.STATURE,
            f"{path}: stature from {size.source} is {size.stature_m:.2f} m, expected {config.min_stature_m:g} to "
            f"{config.max_stature_m:g} m",
        )


def completed(path: str, declared: Declared, person: Mapping[str, Any]) -> tuple[Declared, list[str]]:
    """What the table declares, and where it leaves a cell empty what the file says of the `person` (same names).

    The table counts; a difference is a warning.
    """
    warnings, values = [], {}
    for name, unit in (("mass_kg", "kg"), ("height_m", "m")):
        ours, theirs = getattr(declared, name), person.get(name)
        if ours is not None and theirs is not None and difference(ours, theirs) > AGREEMENT:
            warnings.append(
                f"{path}: {name} is {ours:g} {unit} in the sequence table, {theirs:g} {unit} in the file: "
                "the table counts"
            )
        values[name] = theirs if ours is None else ours
    return Declared(**values), warnings


def check_declared(
    path: str, size: Size, mass_kg: float | None, height_m: float | None, config: HumanConfig
) -> list[str]:
    """Warnings about a declared mass or height that the file does not bear out; None is not declared.

    A contradiction of more than 5 % beyond what the file's own size is uncertain by raises StageError(DECLARED_BODY): a
    wrong mass scales every force, and a wrong height says that the file's lengths, or the row, are not this person's.
    """
    warnings = []
    if height_m is not None and size.stature_m is not None:
        off = height_m / size.stature_m - 1
        text = (
            f"{path}: height_m is {height_m:.2f} m, stature from {size.source} {size.stature_m:.2f} m "
            f"({100 * off:+.0f} %)"
        )
        if abs(off) > config.max_height_share:
            raise StageError(Reason.DECLARED_BODY, f"{text}, limit {100 * config.max_height_share:g} %")
        warnings += [text] if abs(off) > config.warn_height_share else []
    if mass_kg is None:
        return warnings
    if size.mass_kg is not None:
        off = max(mass_kg / size.mass_kg, size.mass_kg / mass_kg) - 1
        text = f"{path}: mass_kg is {mass_kg:.1f} kg, mass from {size.source} {size.mass_kg:.1f} kg"
        if off > config.max_mass_share:
            apart = f"apart by {100 * off:.0f} %, limit {100 * config.max_mass_share:g} %"
            raise StageError(Reason.DECLARED_BODY, f"{text}: {apart}")
        warnings += [text] if off > config.warn_mass_share else []
    stature = height_m or size.stature_m
    if stature is not None:
        index = mass_kg / stature**2
        if not config.min_bmi <= index <= config.max_bmi:
            source = "height_m" if height_m else f"stature from {size.source}"
            raise StageError(
                Reason.DECLARED_BODY,
                f"{path}: mass_kg is {mass_kg:.1f} kg, with {source} of {stature:.2f} m a body mass index of "
                f"{index:.0f} kg/m2, expected {config.min_bmi:g} to {config.max_bmi:g}",
            )
    return warnings
