"""What joints do in a sequence, for the page: moments, and how hard they are pressed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.report.quantise import packed

_GRAVITY_M_S2 = 9.80665
# Coordinates whose moments are shown, and their labels.
_MOMENTS = {
    "hip_flexion": "hip flexion",
    "hip_adduction": "hip adduction",
    "knee_angle": "knee flexion",
    "ankle_angle": "ankle dorsiflexion",
}


def joint_payload(bundle: Bundle, pick: NDArray[np.intp]) -> dict[str, Any]:
    """`moments` N m, and `loads`: size of the force in hip, knee and ankle and compression of L5/S1, in body weights;
    as far as the sequence has them. Each has `labels`, `sides` and `values`, packed."""
    out: dict[str, Any] = {}
    if "joint_moment_Nm" in bundle:
        names = bundle.names("moment_coordinates")
        shown = [
            (f"{name}_{side}", label, side)
            for name, label in _MOMENTS.items()
            for side in "rl"
            if f"{name}_{side}" in names
        ]
        values = bundle["joint_moment_Nm"][pick][:, [names.index(name) for name, _, _ in shown]]
        out["moments"] = _rows([label for _, label, _ in shown], [side for *_, side in shown], values)
    mass_kg = bundle.meta.get("mass_kg")
    if "reaction" in bundle and mass_kg:
        joints = bundle.names("reaction_joints")
        sizes = [np.linalg.norm(bundle["reaction"][pick][:, i, :3], axis=1) for i in range(len(joints))]
        labels, sides = [name[:-2] for name in joints], [name[-1] for name in joints]
        if "l5s1_compression_N" in bundle:
            sizes, labels, sides = [*sizes, bundle["l5s1_compression_N"][pick]], [*labels, "L5/S1"], [*sides, "r"]
        out["loads"] = _rows(labels, sides, np.stack(sizes, axis=1) / (_GRAVITY_M_S2 * float(mass_kg)))
    return out


def _rows(labels: list[str], sides: list[str], values: NDArray[Any]) -> dict[str, Any]:
    return {"labels": labels, "sides": sides, "values": packed(values)}
