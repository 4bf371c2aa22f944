"""Motion of the trunk model: legs, pelvis and arms from the leg solution, the rest from its own IK.

The leg solution moves its torso otherwise than the markers do, by up to the tracking limit and with other
accelerations, and the ground forces are those of that motion. The lumbar joints take up the difference: at once by
the sum of their angles, then what that leaves of the turn, because large turns about several axes do not add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.leg_model.torso import LUMBAR, TORSO_REFERENCES
from mint.trunk.model import Float, TrunkModel
from mint.trunk.table import BALANCED, Role, Source

_ZXY = [2, 0, 1]  # order of the axes that `LUMBAR` turns about
_TURNED_RAD, _TURNS = 1e-5, 8  # error left in the torso's orientation; Newton's steps towards it
_QUINTIC = 5  # order of the spline through what they correct: its accelerations are smooth


@dataclass(frozen=True)
class Motion:
    """`frames (n,)` and `q, qd, qdd (n, u)` in the order of the model's state; rad or m, per s, per s^2."""

    frames: NDArray[np.int64]
    q: Float
    qd: Float
    qdd: Float


def trunk_motion(model: TrunkModel, trajectory: Bundle, ik: Bundle) -> Motion:
    """Join the two sources by coordinate name and frame number.

    A coordinate that the leg model does not have (wrists) falls back to the IK, then to its default value. The
    difference of the leg solution's lumbar angles from those of the markers is shared among the lumbar joints.
    Raises StageError(FIELD_MISSING, FIELD_VALUE, NOT_FINITE) naming coordinate and frame.
    """
    frames = trajectory["frames"].astype(np.int64)
    where = _rows_of(frames, ik["frames"].astype(np.int64))
    solved = _by_model_name(model, trajectory.names("coordinates"))
    measured = {name: i for i, name in enumerate(ik.names("coordinates"))}
    n, u = len(frames), len(model.rows)
    q, qd, qdd = (np.zeros((n, u)) for _ in range(3))
    coordinates = model.model.getCoordinateSet()
    for i, row in enumerate(model.rows):
        if row.source is Source.COUPLED:
            continue
        if row.source is Source.SOLUTION and row.name in solved:
            bundle, column, rows = trajectory, solved[row.name], np.arange(n)
        elif row.source is not Source.LOCKED and row.name in measured:
            bundle, column, rows = ik, measured[row.name], where
        elif row.source is Source.IK:
            raise StageError(Reason.FIELD_MISSING, f"ik.npz has no coordinate {row.name}")
        else:
            q[:, i] = coordinates.get(row.name).getDefaultValue()
            continue
        q[:, i], qd[:, i], qdd[:, i] = (bundle[key][rows, column] for key in ("q", "qd", "qdd"))
    for name, values in (("q", q), ("qd", qd), ("qdd", qdd)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, column = bad[0]
            raise StageError(Reason.NOT_FINITE, f"{name} of {model.rows[column].name}, frame {frames[row]}")
    _follow_torso(model, trajectory, ik, where, (q, qd, qdd))
    return Motion(frames, q, qd, qdd)


def seen_by_muscles(model: TrunkModel, motion: Motion) -> Motion:
    """The motion at which muscles have their lengths, speeds and moment arms; loads are those of `motion`.

    A thorax that is one body leaves all of the torso's turn to the lumbar levels, of which thoracic levels have most in
    people. Obliques that are turned so far can turn it no further (16 N m at 30 degrees, 73 at none). Muscles follow
    the lumbar share of it (`muscle_share` of the coordinate table; then 48 N m), with arms about the lumbar levels.
    """
    shares = np.array([row.muscle_share for row in model.rows])
    if np.all(shares == 1.0):
        return motion
    q, qd, qdd = (values * shares for values in (motion.q, motion.qd, motion.qdd))
    model.follow_couplers(q, qd, qdd)
    return Motion(motion.frames, q, qd, qdd)


def _follow_torso(
    model: TrunkModel, trajectory: Bundle, ik: Bundle, where: NDArray[np.int64], motion: tuple[Float, Float, Float]
) -> None:
    """Turn the lumbar joints in `motion`, values, speeds and accelerations (n, u), until the torso is turned against
    that of inverse kinematics as the leg solution's is; dependent coordinates follow."""
    joints = _lumbar_joints(model)
    pairs = [
        (_lumbar(trajectory, key), _lumbar(ik, f"leg_{key}", "leg_coordinates")[where]) for key in ("q", "qd", "qdd")
    ]
    model.follow_couplers(*motion)
    turn = (Rotation.from_euler("ZXY", pairs[0][0]) * Rotation.from_euler("ZXY", pairs[0][1]).inv()).as_matrix()
    target = turn @ np.array([_torso(model, row) for row in motion[0]])
    for values, (wanted, given) in zip(motion, pairs, strict=True):
        values += (wanted - given) @ joints.T
    model.follow_couplers(*motion)
    along = model.projection(motion[0][0]) @ joints[model.index(*BALANCED)]
    left = np.array([_turn_left(model, row, along, wanted) for row, wanted in zip(motion[0], target, strict=True)])
    order = min(_QUINTIC, (len(left) - 1) // 2 * 2 + 1, len(left) - 1)
    corrected = make_interp_spline(np.arange(len(left)) / FRAME_RATE_HZ, left, k=order)
    for derivative, values in enumerate(motion):
        values += corrected(np.arange(len(left)) / FRAME_RATE_HZ, nu=derivative) @ joints.T
    model.follow_couplers(*motion)


def _turn_left(model: TrunkModel, q: Float, along: Float, target: Float) -> Float:
    """Lumbar angles (3,) that, spread over all coordinates by `along (u, 3)`, turn the torso of `q (u,)` to `target
    (3, 3)` in the pelvis."""
    angles = np.zeros(len(LUMBAR))
    for _ in range(_TURNS):
        error = Rotation.from_matrix(target @ _torso(model, q + along @ angles).T).as_rotvec()
        if np.abs(error).max() < _TURNED_RAD:
            break
        turning = model.rotation(("pelvis",)).T @ model.turning(TORSO_REFERENCES) @ along
        angles += np.linalg.solve(turning, error)
    return angles


def _torso(model: TrunkModel, q: Float) -> Float:
    """Rotation (3, 3) of the body that carries the arms, in the pelvis."""
    model.place(q)
    pelvis, torso = model.rotation(("pelvis",)), model.rotation(TORSO_REFERENCES)
    return np.asarray(pelvis.T @ torso)


def _lumbar(bundle: Bundle, field: str, names: str = "coordinates") -> Float:
    """Columns (n, 3) of the leg model's lumbar joint."""
    order = bundle.names(names)
    missing = [name for name in LUMBAR if name not in order]
    if missing:
        raise StageError(Reason.FIELD_MISSING, f"{bundle.status.stage}.npz has no coordinate {missing[0]}")
    return np.asarray(bundle[field][:, [order.index(name) for name in LUMBAR]])


def _lumbar_joints(model: TrunkModel) -> Float:
    """Angles (u, 3) of independent lumbar coordinates that turn the torso against the pelvis by a unit of each angle of
    the leg model's lumbar joint, in the default pose: spines bend and turn by sums of small angles."""
    shares, independent = np.zeros((len(model.rows), len(LUMBAR))), model.names(*BALANCED)
    for row in table("lumbar_shares").to_dict("records"):
        for name in (row["pose2sim_coordinate"], row["full402_coordinate"]):
            if name in independent:
                shares[model.coordinates.index(name), LUMBAR.index(row["leg_coordinate"])] = row["share"]
    coordinates = model.model.getCoordinateSet()
    q = np.array(
        [0.0 if row.role is Role.RESIDUAL else coordinates.get(row.name).getDefaultValue() for row in model.rows]
    )
    model.pose(q, np.zeros_like(q))
    turning = model.turning(TORSO_REFERENCES) @ model.projection(q) @ shares[model.index(*BALANCED)]
    return shares @ np.linalg.inv(turning[_ZXY])


def _rows_of(wanted: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.int64]:
    position = {int(frame): row for row, frame in enumerate(given)}
    missing = [int(frame) for frame in wanted if int(frame) not in position]
    if missing:
        raise StageError(Reason.FIELD_VALUE, f"ik.npz has no frame {missing[0]}, which the leg solution has")
    return np.array([position[int(frame)] for frame in wanted], dtype=np.int64)


def _by_model_name(model: TrunkModel, leg_names: list[str]) -> dict[str, int]:
    """Column of each leg coordinate by its name in the trunk model (resources/leg_coordinates.csv)."""
    own = set(model.coordinates)
    rows = table("leg_coordinates")
    other = dict(zip(rows["leg_coordinate"], rows["full402"], strict=True))
    out = {}
    for column, name in enumerate(leg_names):
        translated = name if name in own else str(other.get(name, name))
        if translated in own:
            out[translated] = column
    missing = [row.name for row in model.rows if row.name.startswith("pelvis_") and row.name not in out]
    if missing:
        raise StageError(Reason.FIELD_MISSING, f"trajectory.npz has no coordinate {missing[0]}")
    return out
