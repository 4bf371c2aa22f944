"""Names of the formats of motion files, their kinds, and what the files are; `mint.formats.registry` reads them."""

from __future__ import annotations

from typing import Literal

Kind = Literal["poses", "markers"]

KINDS: dict[str, Kind] = {
    "amass": "poses",
    "smplx": "poses",
    "smpl": "poses",
    "bvh": "poses",
    "trc": "markers",
    "c3d": "markers",
}
TITLES = {
    "amass": "SMPL-H poses of AMASS (.npz)",
    "smplx": "SMPL-X poses of AMASS or of video methods (.npz)",
    "smpl": "SMPL poses of AMASS or of video methods (.npz)",
    "bvh": "skeleton in motion (.bvh)",
    "trc": "marker trajectories of OpenSim (.trc)",
    "c3d": "markers, force plates and analog channels (.c3d)",
}


# Poses that belong to another body than SMPL-H's: models of the body folder, mass and height shape theirs.
SHAPED = frozenset({"smplx", "smpl", "bvh"})


def kind_of(name: str | None) -> Kind | Literal[""]:
    """The kind of a format; empty for no format."""
    return KINDS[name] if name else ""


def known_formats() -> str:
    """Names and titles of all formats, for messages."""
    return ", ".join(f"{name} ({title})" for name, title in TITLES.items())
