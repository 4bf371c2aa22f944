"""Which part of the body each optical marker is on, and whether a file has what its marker set follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mint.body.landmark_table import bodies_by_name
from mint.body.marker_names import listed, spelling_hint, strangers
from mint.body.parts import part_of_body
from mint.core.status import Reason, StageError

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
    (
        (
            "shoulder",
            "sho",
            "acr",
            "clav",
            "ster",
            "strn",
            "chest",
            "back",
            "spine",
            "thor",
            "torso",
            "trunk",
            "scap",
            "rib",
        ),
        "torso",
    ),
)
_LAST = {"c": 7, "t": 12, "l": 5}
_VERTEBRAE = tuple(f"{region}{number}" for region, last in _LAST.items() for number in range(1, last + 1))
# A part follows its joints: markers on it, or on any part farther out on the same limb, tell where it is.
_LIMBS = (("upper_leg", "lower_leg", "foot"), ("upper_arm", "forearm", "hand"))
_SAID = {
    "upper_leg": "thigh",
    "lower_leg": "shank",
    "foot": "foot",
    "upper_arm": "upper arm",
    "forearm": "forearm",
    "hand": "hand",
}
REMEDY = (
    "rename the markers in the file, name the marker_set of this laboratory in the sequence table, or add its "
    "table under resources/marker_sets"
)


def part_of_name(marker: str) -> str:
    """Part of a marker by its name (`R_toe`, `L.ASIS`, `RKNE`); "" if nothing fits: such a marker is on nothing."""
    name = marker.lower()
    for words, part in _TRUNK_NAMES[:2]:
        if any(word in name for word in words):
            return part
    side = "r" if name.startswith(("r", "right")) else "l" if name.startswith(("l", "left")) else ""
    for words, part in _NAME_PARTS:
        if side and any(word in name for word in words):
            return f"{part}_{side}"
    words, part = _TRUNK_NAMES[2]
    return part if name in _VERTEBRAE or any(word in name for word in words) else ""


def parts_of(names: Sequence[str], marker_bodies: Mapping[str, str] | None) -> list[str]:
    """Part of every marker; "" for one that the set (marker -> body), or without one its name, does not tell."""
    if marker_bodies is None:
        told = bodies_by_name(names)
        return [part_of_body(told[name]) if name in told else part_of_name(name) for name in names]
    return [part_of_body(marker_bodies[name]) if name in marker_bodies else "" for name in names]


def known_markers(
    path: str, names: Sequence[str], marker_bodies: Mapping[str, str] | None
) -> tuple[list[str], list[str]]:
    """The names that the marker set knows, and one warning that lists the others.

    Without a set every name is kept, and the warning lists those that tell no part of the body. Raises
    StageError(MARKER_MISSING) if it knows none of them.
    """
    if marker_bodies is None:
        untold = [name for name, part in zip(names, parts_of(names, None), strict=True) if not part]
        warning = [
            f"{path}: the names of {len(untold)} markers tell no part of the body, they do not count for its "
            f"heights: {listed(untold)}"
        ]
        return list(names), warning if untold else []
    others = strangers(names, marker_bodies)
    known = [name for name in names if name in marker_bodies]
    if not known:
        expected = list(marker_bodies)
        hint = spelling_hint(expected, others)
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: none of its {len(names)} marker names is in the marker set: "
            f"it has names such as {listed(others, 3)}, the set expects names such as "
            f"{listed(expected, 3)}{'; ' if hint else ''}{hint}",
            remedy=REMEDY,
        )
    warning = [f"{path}: {len(others)} markers that the marker set does not know are ignored: {listed(others)}"]
    return known, warning if others else []


def check_parts(path: str, seen: Collection[str], names: Sequence[str], marker_bodies: Mapping[str, str]) -> list[str]:
    """Whether the markers `seen` (of all `names` of the file) tell where the parts are that the set follows.

    Returns warnings about arms and head. Raises StageError(MARKER_MISSING) that names a leg or the trunk: nothing
    would hold them but the model's default pose.
    """
    parts = {name: part_of_body(body) for name, body in marker_bodies.items()}
    there = {parts[name] for name in seen if name in parts}
    lacking = [part for part in dict.fromkeys(parts.values()) if not _outward(part) & there]
    legs = [part for part in lacking if part.startswith(("upper_leg", "lower_leg", "foot", "torso"))]
    if legs:
        absent = [name for name, part in parts.items() if part in legs]
        hint = spelling_hint(absent, strangers(names, marker_bodies))
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: no marker tells where {_said(legs)} is: {listed(absent)} of "
            f"the marker set are not in it, or never seen{'; ' if hint else ''}{hint}",
            remedy=REMEDY,
        )
    rest = [part for part in lacking if part != "pelvis"]
    if not rest:
        return []
    return [f"{path}: no marker tells where {_said(rest)} is: the default pose of the model stands for it"]


def _outward(part: str) -> set[str]:
    """The part and those farther out that it carries."""
    stem, side = part[:-2], part[-2:]
    for limb in _LIMBS:
        if stem in limb:
            return {each + side for each in limb[limb.index(stem) :]}
    return {part}


def _said(parts: Sequence[str]) -> str:
    sides = {"_r": "right ", "_l": "left "}
    words = [f"the {sides[part[-2:]]}{_SAID[part[:-2]]}" if part[:-2] in _SAID else f"the {part}" for part in parts]
    return ", ".join(words)
