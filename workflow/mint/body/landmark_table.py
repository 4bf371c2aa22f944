"""Anatomical landmarks of `resources/landmarks.csv`, and which of them the markers of a file are by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mint.body.parts import partner_body
from mint.core.tables import table

MODELS = ("pose2sim", "full402")
POINT, JOINT, CLUSTER = "point", "joint", "cluster"
_CONVENTIONS = ("plug_in_gait", "cgm2", "helen_hayes", "isb_rizzoli", "rajagopal", "opencap", "others")
_VIDEO = "video"
_SIDED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<side>right|left|r|l)[\W_]+(?P<stem>.+)",
        r"(?P<stem>.+?)[\W_]+(?P<side>right|left|r|l)(?P<number>\d*)",
        r"(?P<stem>.+?)[\W_]+(?P<side>right|left|r|l)[\W_]+(?P<rest>.+)",
        r"(?P<side>right|left)(?P<stem>.+)",
        r"(?P<side>r|l)(?P<stem>.+)",
    )
)
# Where the middle of bodies is whose frame stands on one side.
_MIDDLE_Z_M = {"sternum": -0.0335}
# Points that a network sees in a picture and no laboratory sticks markers to: a file of key points has all.
_SEEN_BY_VIDEO = ("nose", "hip_centre_r", "hip_centre_l", "knee_centre_r", "knee_centre_l")
# OpenCap's files have no nose, but the markers that a second network makes from key points: so many say the same.
_ADDED, _ENOUGH_ADDED = "_study", 8
_MM, _LONGEST = 1e-3, 64


@dataclass(frozen=True)
class Landmark:
    """A point of the body on one model: `place_m` in the frame of `body` before scaling (x forward, y up, z right).

    `sd_m` is how far a marker with this name lies from there on a person, `noise_m` how far skin and measurement move
    it. Of a cluster the place is only the middle of its segment.
    """

    name: str
    kind: str
    body: str
    place_m: tuple[float, float, float]
    sd_m: float
    noise_m: float


@cache
def landmarks(model: str) -> dict[str, Landmark]:
    """All landmarks of a model; those of a pair end in `_r` and `_l`."""
    out = {}
    for row in table("landmarks").to_dict("records"):
        place = tuple(float(row[f"{model}_{axis}_m"]) for axis in "xyz")
        body = str(row[f"{model}_body"])
        for side in ("r", "l") if row["side"] == "pair" else ("",):
            name = f"{row['landmark']}_{side}" if side else str(row["landmark"])
            there = (place[0], place[1], _mirrored(body, place[2]) if side == "l" else place[2])
            out[name] = Landmark(
                name,
                str(row["kind"]),
                partner_body(body) if side == "l" else body,
                there,
                _MM * float(row["sd_mm"]),
                _MM * float(row["noise_mm"]),
            )
    return out


def recognized(names: Sequence[str], model: str) -> dict[str, list[Landmark]]:
    """The landmarks that each marker may be by its name, marker -> candidates; names that tell nothing are left out.

    Names of key points of video count first where the file is one of key points: `RKnee` is then the joint's centre and
    otherwise a marker beside it.
    """
    video = is_key_point_file(names, model)
    out = {}
    for name in names:
        # What a network adds to key points has a suffix and is named like markers of a laboratory.
        of_video = _found(name, model, True) if video and not _is_added(name) else []
        candidates = of_video or _found(name, model, False)
        if candidates:
            out[name] = candidates
    return out


def bodies_by_name(names: Iterable[str], model: str = MODELS[0]) -> dict[str, str]:
    """Body of every marker whose name tells one, marker -> body of the model."""
    return {name: candidates[0].body for name, candidates in recognized(list(names), model).items()}


def is_key_point_file(names: Sequence[str], model: str) -> bool:
    """Whether the names are those of key points of video: points that only a network sees are among them, or markers
    that were made from key points."""
    if sum(_is_added(name) for name in names) >= _ENOUGH_ADDED:
        return True
    there = {each.name for name in names for each in _found(name, model, True)}
    return there.issuperset(_SEEN_BY_VIDEO)


def _is_added(name: str) -> bool:
    return name.lower().endswith(_ADDED)


def _found(marker: str, model: str, video: bool) -> list[Landmark]:
    """Candidates of one name, points before clusters."""
    name = re.sub(r"_study$", "", marker.rpartition(":")[2].strip().lower())[:_LONGEST]
    known = landmarks(model)
    points, clusters = _names(video)
    readings = [("", _compact(name))]
    for pattern in _SIDED:
        match = pattern.fullmatch(name)
        if match:
            parts = match.groupdict()
            stem = _compact(parts["stem"] + (parts.get("rest") or "") + (parts.get("number") or ""))
            readings.append((parts["side"][0], stem))
    for table_of, bare in ((points, False), (clusters, False), (clusters, True)):
        for side, stem in readings[1:] + readings[:1]:
            found = table_of.get((bool(side), stem.rstrip("0123456789") if bare else stem))
            if found:
                return [known[f"{each}_{side}" if side else each] for each in found]
    return []


@cache
def _names(video: bool) -> tuple[Mapping[tuple[bool, str], list[str]], Mapping[tuple[bool, str], list[str]]]:
    """Landmarks by (whether of a pair, stem of the name): points and joints, and clusters."""
    points: dict[tuple[bool, str], list[str]] = {}
    clusters: dict[tuple[bool, str], list[str]] = {}
    for row in table("landmarks").fillna("").astype(str).to_dict("records"):
        columns = (_VIDEO,) if video else _CONVENTIONS
        into = clusters if row["kind"] == CLUSTER else points
        for stem in dict.fromkeys(" ".join(row[column] for column in columns).split()):
            into.setdefault((row["side"] == "pair", stem), []).append(row["landmark"])
    return points, clusters


def names_of(landmark: str) -> str:
    """Some names that laboratories give a landmark, for messages."""
    stem = re.sub(r"_[rl]$", "", landmark)
    side = landmark[len(stem) + 1 :].upper()
    rows = table("landmarks").fillna("").astype(str)
    row = rows[rows["landmark"] == stem].iloc[0]
    names = [f"{side}{row['plug_in_gait'].split()[0].upper()}"] if row["plug_in_gait"] else []
    if row["isb_rizzoli"]:
        names.append((f"{side}_" if side else "") + row["isb_rizzoli"].split()[0].upper())
    return " or ".join(names[:2])


def _compact(name: str) -> str:
    return re.sub(r"[\W_]", "", name)


def _mirrored(body: str, z: float) -> float:
    return 2 * _MIDDLE_Z_M.get(body, 0.0) - z
