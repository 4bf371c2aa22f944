"""Contact spheres of a person's own soles: while someone stands on both feet, the soles lie on the floor.

The frame of a foot says little about its sole: bare feet are two centimetres thinner than the shoes of the generic
model, and the model's ankle joints turn the frame of a standing foot by up to ten degrees against the floor. Spheres
that keep their generic places would then meet the floor with one edge of the foot first. Along the foot, the first and
the last of the generic spheres reach farther than people carry: on force plates the force of a striking heel acts 25 mm
in front of the origin of its body (the sphere is at 2), and leaves the toes 30 mm behind where the foremost spheres do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import opensim

from mint.core.atomic import atomic_path
from mint.kinematics.model.export import items, load_model, model_record, vector
from mint.kinematics.model.forward_kinematics import Array, ForwardKinematics
from mint.kinematics.scaling.contact_height import sphere_bottoms

# Thickness of a sole under the foot's frame differs by so much from the generic one at most [m]: from bare feet to
# thick soles (the generic one is that of a running shoe).
_THICKNESS_M = 0.035
# A foot whose spheres differ by more than this in height does not stand flat [m]: 12 degrees over a foot's width.
_TILTED_M = 0.03
# Shifts of the heel's sphere forwards and of those of the toes backwards, in lengths from heel to toe joint; chosen
# with five people on force plates.
_HEEL_FORWARD, _TOES_BACK = 0.10, 0.14


def sole_shifts(leg_osim: str | Path, coordinates: Sequence[str], poses: Array) -> dict[str, Array]:
    """Shift (3,) m in its body's frame of every contact sphere: it then touches the floor y = 0 in standing, and heel
    and toes carry where people's do.

    `poses (n, p)` of the leg model, rad and m, of a person that stands on both feet; the median over them counts. A
    foot that does not stand flat, or would have an impossible sole, is left out.
    """
    record = model_record(load_model(leg_osim))
    bottoms = sphere_bottoms(record, coordinates, poses)
    bodies = ForwardKinematics(record).transforms(coordinates, poses)
    shifts: dict[str, Array] = {}
    for side in ("r", "l"):
        own = [i for i, contact in enumerate(record["contacts"]) if str(contact["body"]).endswith(f"_{side}")]
        raise_m = -np.median(bottoms[:, own], axis=0)
        if not own or f"toes_{side}" not in bodies or np.ptp(raise_m) > _TILTED_M or abs(raise_m.mean()) > _THICKNESS_M:
            continue
        length = float(np.linalg.norm(bodies[f"toes_{side}"][1][0] - bodies[f"calcn_{side}"][1][0]))
        heel = min(
            (i for i in own if record["contacts"][i]["body"] == f"calcn_{side}"),
            key=lambda i: record["contacts"][i]["location_m"][0],
            default=None,
        )
        for i, each in zip(own, raise_m, strict=True):
            contact = record["contacts"][i]
            # The vertical and the horizontal way forwards in the axes of a body that may be tilted.
            upward = np.median(bodies[contact["body"]][0][:, 1], axis=0)
            upward = upward / np.linalg.norm(upward)
            forward = np.array([1.0, 0.0, 0.0]) - upward[0] * upward
            toes = contact["body"] == f"toes_{side}"
            along = length * (_HEEL_FORWARD if i == heel else -_TOES_BACK if toes else 0.0)
            shifts[str(contact["name"])] = float(each) * upward + along * forward / np.linalg.norm(forward)
    return shifts


def move_spheres(path: str | Path, shifts: Mapping[str, Array]) -> None:
    """Rewrite a model with its spheres moved by `shifts` m; spheres it does not have are no matter."""
    model = load_model(path)
    for force in items(model.getForceSet()):
        if force.getName() not in shifts:
            continue
        name = force.getConnectee("sphere").getName()
        sphere = opensim.ContactSphere.safeDownCast(model.updContactGeometrySet().get(name))
        sphere.set_location(opensim.Vec3(*(np.array(vector(sphere.get_location())) + shifts[force.getName()])))
    model.finalizeConnections()
    with atomic_path(path) as temporary:
        model.printToXML(str(temporary))
