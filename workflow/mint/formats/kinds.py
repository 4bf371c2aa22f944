"""Names of the formats of motion files, their kinds, and what the files are; `mint.formats.registry` reads them."""

from __future__ import annotations

from typing import Literal

Kind = Literal["poses", "markers"]

KINDS: dict[str, Kind] = {
    "amass": "poses",
    "trc": "markers",
    "c3d": "markers",
}
TITLES = {
    "amass": "SMPL-H poses of AMASS (.npz)",
    "trc": "marker trajectories of OpenSim (.trc)",
    "c3d": "markers, force plates and analog channels (.c3d)",
}


def kind_of(name: str | None) -> Kind | Literal[""]:
    """The kind of a format; empty for no format."""
    return KINDS[name] if name else ""


def known_formats() -> str:
    """Names and titles of all formats, for messages."""
    return ", ".join(f"{name} ({title})" for name, title in TITLES.items())
