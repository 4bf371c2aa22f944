"""Joint moments of the simulated motion under the measured forces, against those under the simulated ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mint.compare.forces import around, correlation, rms
from mint.compare.simulated import SIDES, Floats, Simulated
from mint.compare.stances import Stance
from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle
from mint.measured.plates import Plates

if TYPE_CHECKING:
    from mint.verify.leg_dynamics import LegDynamics

# The plate does not tell how its force is divided between foot and toes.
_NOT_TOLD = "mtp_angle"


def known_wrenches(
    body: Simulated, plates: Plates, found: Sequence[Stance], config: CompareConfig
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """What plates tell of each foot: forces N and moments N m about the origin (n, 2, 3), and whether they tell (n, 2).

    They do in a compared stance of one foot, in the frames around it in which only the simulation still, or already,
    loads it, and while it carries nothing in either.
    """
    n = len(body.frames)
    force, moment = np.zeros((n, 2, 3)), np.zeros((n, 2, 3))
    known = body.force_N[:, :, 1] < config.contact_threshold_N
    # A contact that is left out says that the plate is loaded, but not by what.
    for stance in found:
        if stance.left_out or stance.feet == "both":
            feet = SIDES if stance.feet in ("", "both") else (stance.feet,)
            known[stance.start : stance.stop, [SIDES.index(side) for side in feet]] = False
    at = plates.at(body.time_s)
    for stance in found:
        if stance.left_out or stance.feet == "both":
            continue
        side, rows = SIDES.index(stance.feet), around(body, stance, config)
        told = np.asarray(np.isfinite(at[0][stance.contact.plate, rows]).all(axis=1))
        known[rows, side] = told
        for out, values in zip((force, moment), at, strict=True):
            out[rows, side] = np.where(told[:, None], values[stance.contact.plate, rows], 0.0)
    return force, moment, known


def compare_moments(
    sequence: Bundle,
    body: Simulated,
    plates: Plates,
    found: Sequence[Stance],
    leg_osim: str | Path,
    config: CompareConfig,
) -> dict[str, Any] | None:
    """`coordinates (c,)`, `rows (k,)` of the sequence in which both feet are known, `measured_Nm`, `simulated_Nm (k,
    c)`, and `own (k, c)`: the foot of the coordinate's leg is loaded. None where nothing can be compared.

    Inverse dynamics is linear in the external forces, so that OpenSim's for the simulated motion with the measured
    forces is OpenSim's with the simulated ones (`joint_moment_Nm`, of the chunks' own speeds and accelerations) plus
    the generalized forces of the difference of both on the feet, which OpenSim's Jacobians give.
    """
    if not {"moment_coordinates", "joint_moment_Nm"} <= sequence.arrays.keys():
        return None
    force, moment, known = known_wrenches(body, plates, found, config)
    rows = np.flatnonzero(known.all(axis=1) & _any_told(body, found, config))
    names = [
        name
        for name in sequence.names("moment_coordinates")
        if name.endswith(("_r", "_l")) and not name.startswith(_NOT_TOLD)
    ]
    if not len(rows) or not names:
        return None
    # OpenSim is loaded only where there is something to compare.
    from mint.verify.leg_dynamics import LegDynamics

    coordinates = sequence.names("leg_coordinates")
    dynamics = LegDynamics(leg_osim, coordinates)
    own = np.asarray(sequence["joint_moment_Nm"], dtype=float)
    q = np.asarray(sequence["leg_q"], dtype=float)
    names = [name for name in names if _bears(dynamics, q[rows[0]], coordinates.index(name), name[-1])]
    simulated_Nm = own[rows][:, [sequence.names("moment_coordinates").index(name) for name in names]]
    columns = [coordinates.index(name) for name in names]
    difference = np.stack(
        [
            sum(
                (
                    dynamics.of_wrench(
                        q[k], f"calcn_{side}", body.force_N[k, i] - force[k, i], body.moment_Nm[k, i] - moment[k, i]
                    )
                    for i, side in enumerate(SIDES)
                ),
                np.zeros(len(coordinates)),
            )[columns]
            for k in rows
        ]
    )
    loaded = (body.force_N[:, :, 1] >= config.contact_threshold_N) | (force[:, :, 1] >= config.contact_threshold_N)
    side_of = [SIDES.index(name[-1]) for name in names]
    return {
        "coordinates": names,
        "rows": rows,
        "measured_Nm": simulated_Nm + difference,
        "simulated_Nm": simulated_Nm,
        "own": loaded[rows][:, side_of],
    }


def _bears(dynamics: LegDynamics, q: Floats, column: int, side: str) -> bool:
    """Whether a force on the foot of a side does anything to a coordinate: not to those of arms."""
    units = np.eye(6)
    return any(abs(dynamics.of_wrench(q, f"calcn_{side}", unit[:3], unit[3:])[column]) > 1e-9 for unit in units)


def _any_told(body: Simulated, found: Sequence[Stance], config: CompareConfig) -> NDArray[np.bool_]:
    """Frames in which a plate tells of a foot: others have the same moments by definition."""
    out = np.zeros(len(body.frames), dtype=bool)
    for stance in found:
        if not stance.left_out and stance.feet != "both":
            out[around(body, stance, config)] = True
    return out


def numbers(compared: dict[str, Any], weight_N: float, stature_m: float | None) -> list[dict[str, Any]]:
    """A row per coordinate over the frames in which its foot is loaded; range is that of the measured moment over all
    compared frames. In swing both moments are the same, whatever the forces."""
    out = []
    for i, name in enumerate(compared["coordinates"]):
        own = compared["own"][:, i]
        measured, simulated = compared["measured_Nm"][:, i], compared["simulated_Nm"][:, i]
        if not own.any():
            continue
        error, span = rms((simulated - measured)[own]), float(np.ptp(measured))
        out.append(
            {
                "coordinate": name,
                "frames": int(own.sum()),
                "rmse_Nm": error,
                "rmse_percent_bw_height": 100 * error / (weight_N * stature_m) if stature_m else np.nan,
                "rmse_percent_range": 100 * error / span if span > 1e-9 else np.nan,
                "bias_Nm": float(np.mean((simulated - measured)[own])),
                "measured_range_Nm": span,
                "correlation": correlation(simulated[own], measured[own]),
            }
        )
    return out
