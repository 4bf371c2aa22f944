"""Symmetries of the trajectory problem itself: a motion raised, turned by half a turn, and mirrored.

`python bench/symmetries.py [solver]` takes kinematics of the unperturbed suite (`bench/trajectory.py` made them),
transforms them exactly, so that inverse kinematics has no part in it, solves each and prints how far solutions differ
from the transformed solution; `results/benchmarks/symmetries.json` has the numbers. The subject is that of the embedded
motions, whose model is symmetric but for 0.06 mm of its torso, which is taken away.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from trials import ROOT, STANDARD_GRAVITY
from windows import BASE_RESULTS, subject_of

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.trajectory.stage import run

Array = np.ndarray[Any, Any]
CHUNKS = (("demo_f_walk", "000"), ("demo_f_run", "000"), ("demo_f_punch", "000"), ("demo_m_jump", "000"))
OUT = ROOT / "results/bench/symmetries"
RAISED_M = 0.1
# Turned about the vertical by half a turn, or mirrored in the plane of x and y, signs of coordinates change.
TURNED = {"pelvis_tilt": -1, "pelvis_list": -1, "pelvis_tx": -1, "pelvis_tz": -1}
MIRRORED = {"pelvis_list": -1, "pelvis_rotation": -1, "pelvis_tz": -1, "lumbar_bending": -1, "lumbar_rotation": -1}


def raised(q: Array, names: list[str]) -> Array:
    """Positions 10 cm higher; speeds and accelerations (the other two of the first axis) as they are."""
    q = q.copy()
    q[0, :, names.index("pelvis_ty")] += RAISED_M
    return q


def turned(q: Array, names: list[str]) -> Array:
    """Half a turn about the vertical: Ry(pi) Rz(tilt) Rx(list) Ry(rotation) = Rz(-tilt) Rx(-list) Ry(rotation + pi)."""
    q = q * [TURNED.get(name, 1) for name in names]
    q[0, :, names.index("pelvis_rotation")] += np.pi
    return q


def mirrored(q: Array, names: list[str]) -> Array:
    """Right becomes left: coordinates of limbs have mirrored signs already."""
    return (q * [MIRRORED.get(name, 1) for name in names])[:, :, [names.index(other_side(name)) for name in names]]


def other_side(name: str) -> str:
    """The name of the same part on the other side."""
    return {"_r": name[:-1] + "l", "_l": name[:-1] + "r"}.get(name[-2:], name)


def same(bundle: Bundle) -> tuple[Array, Array]:
    """Ground forces and activations as they are."""
    return bundle["grf_force_N"], bundle["activation"]


def turned_back(bundle: Bundle) -> tuple[Array, Array]:
    """Of a turned motion, as before the turn."""
    return bundle["grf_force_N"] * [-1, 1, -1], bundle["activation"]


def mirrored_back(bundle: Bundle) -> tuple[Array, Array]:
    """Of a mirrored motion, as before."""
    names = bundle.names("muscles")
    return (
        bundle["grf_force_N"][:, ::-1] * [1, 1, -1],
        bundle["activation"][:, [names.index(other_side(name)) for name in names]],
    )


CHANGES: dict[str, tuple[Callable[[Array, list[str]], Array], Callable[[Bundle], tuple[Array, Array]]]] = {
    "unchanged": (lambda q, names: q, same),
    "raised": (raised, same),
    "turned": (turned, turned_back),
    "mirrored": (mirrored, mirrored_back),
}


def symmetric(record: dict[str, Any]) -> dict[str, Any]:
    """The model with a torso that is its own mirror image: inertia has xx, yy, zz, xy, xz, yz."""
    torso = record["bodies"]["torso"]
    torso["com_m"][2] = torso["inertia_kg_m2"][4] = torso["inertia_kg_m2"][5] = 0.0
    return record


def compare(sequence: str, chunk: str, solver: str) -> dict[str, dict[str, Any]]:
    """Root mean square differences of ground force (body weights) and activation, by change. Raises RuntimeError where
    a chunk is not solved."""
    folder, subject = BASE_RESULTS / f"sequences/{sequence}/chunks/{chunk}", subject_of(sequence)
    out = OUT / sequence / chunk
    model = out / "leg_model.json"
    record = symmetric(json.loads((subject / "leg_model.json").read_text()))
    write_text(model, json.dumps(record))
    kinematics = Bundle.read(folder / "ik.npz")
    names = kinematics.names("leg_coordinates")
    fields = ("leg_q", "leg_qd", "leg_qdd")
    q = np.stack([kinematics[field] for field in fields])
    found: dict[str, dict[str, Any]] = {}
    reference: tuple[Array, Array] | None = None
    for name, (change, back) in CHANGES.items():
        path = out / f"ik_{name}.npz"
        changed = dict(zip(fields, change(q, names), strict=True))
        Bundle(kinematics.status, kinematics.arrays | changed, kinematics.meta).write(path)
        bundle = run(
            model,
            subject / "muscle_paths.npz",
            path,
            folder / "support.npz",
            BASE_RESULTS / "cache/compiled",
            out / f"{name}.npz",
            TrajectoryConfig(linear_solver=solver),
        )
        if not bundle.ok:
            raise RuntimeError(f"{sequence}/{chunk} {name}: {bundle.status.message}")
        force, activation = back(bundle)
        reference = reference or (force, activation)
        found[name] = {
            "iterations": bundle.status.iterations,
            "rung": bundle.meta["rung"],
            "force_bw": rms(force - reference[0]) / (record["mass_kg"] * STANDARD_GRAVITY),
            "activation": rms(activation - reference[1]),
        }
    return found


def rms(values: Array) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def main(solver: str = "mumps") -> None:
    """Run, write and print."""
    found = {}
    for sequence, chunk in CHUNKS:
        found[f"{sequence}/{chunk}"] = compare(sequence, chunk, solver)
        for name, numbers in found[f"{sequence}/{chunk}"].items():
            print(sequence, chunk, name, numbers, flush=True)
    write_text(ROOT / "results/benchmarks/symmetries.json", json.dumps({"solver": solver, **found}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
