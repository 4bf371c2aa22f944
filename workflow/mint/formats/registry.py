"""The formats of motion files: one entry each. Nothing else in the workflow asks for a format by its name.

A format has a kind. `poses` are body poses, which become those of SMPL-H; `markers` are optical markers. A file is told
by its content, never by its name. To add a format: a module with its header, its reader and what it is recognized by,
an entry below and in `mint.formats.kinds`, a page in docs/motion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats import amass, body_poses, bvh, c3d, c3d_header, trc
from mint.formats.glimpse import Glimpse, glimpse
from mint.formats.kinds import TITLES, Kind, known_formats
from mint.formats.limits import MotionHeader
from mint.formats.trials import BodyPoses, Given, MarkerTrial, PoseTrial, SkeletonTrial


@dataclass(frozen=True)
class Format:
    """One format of motion files. All functions raise StageError for whatever is wrong with a file, and nothing else.

    `recognizes` tells the files by their beginning; `header(path, config, rate)` reads length and rate without the
    motion, where `rate` [Hz] replaces the file's; `stated_rate(path)` is the rate that the file states, right or wrong,
    0 if none.
    """

    name: str
    recognizes: Callable[[Glimpse], bool]
    header: Callable[[Path, ValidateConfig, float | None], MotionHeader]
    stated_rate: Callable[[Path], float]
    kind: ClassVar[Kind]

    @property
    def title(self) -> str:
        """What the files are."""
        return TITLES[self.name]


@dataclass(frozen=True)
class PoseFormat(Format):
    """Body poses. `read` gives the motion; `root(path)` its root `(n, 3)` m, z up, and rate [Hz], the poses unread.

    A root of None makes the predicted cost of its chunks less exact and nothing else. The motion of
    another body, or of a skeleton, is put on the SMPL-H body later (`mint.formats.kinds.SHAPED`)."""

    read: Callable[[Path, ValidateConfig, Given], PoseTrial | BodyPoses | SkeletonTrial]
    root: Callable[[Path], tuple[NDArray[np.float64], float] | None]
    kind: ClassVar[Kind] = "poses"


@dataclass(frozen=True)
class MarkerFormat(Format):
    """Optical markers. `read` gives a trial that planning has let pass; `read_static` one of any length, a single frame
    at least, without limits on rate and units."""

    read: Callable[[Path, ValidateConfig, Given], MarkerTrial]
    read_static: Callable[[Path, Given], MarkerTrial]
    kind: ClassVar[Kind] = "markers"


def _read_amass(path: Path, config: ValidateConfig, given: Given) -> PoseTrial:
    # Planning, which happens at every start of Snakemake, needs the headers only: readers of poses load SciPy.
    from mint.formats.amass_poses import read_amass

    return read_amass(path, config, given)


def _read_smplx(path: Path, config: ValidateConfig, given: Given) -> BodyPoses:
    from mint.formats.body_pose_motion import read_body_poses

    return read_body_poses(path, "smplx", config, given)


def _read_smpl(path: Path, config: ValidateConfig, given: Given) -> BodyPoses:
    from mint.formats.body_pose_motion import read_body_poses

    return read_body_poses(path, "smpl", config, given)


def _read_bvh(path: Path, config: ValidateConfig, given: Given) -> SkeletonTrial:
    from mint.formats.bvh_motion import read_bvh

    return read_bvh(path, config, given)


def _no_root(path: Path) -> None:
    """Axes and units of such files are told by the whole body: there is no root without its poses."""
    return None


_ENTRIES: tuple[Format, ...] = (
    PoseFormat(
        name="smplx",
        recognizes=body_poses.recognizes_smplx,
        header=body_poses.smplx_header,
        stated_rate=body_poses.stated_body_pose_rate,
        read=_read_smplx,
        root=_no_root,
    ),
    PoseFormat(
        name="smpl",
        recognizes=body_poses.recognizes_smpl,
        header=body_poses.smpl_header,
        stated_rate=body_poses.stated_body_pose_rate,
        read=_read_smpl,
        root=_no_root,
    ),
    PoseFormat(
        name="amass",
        recognizes=amass.recognizes,
        header=amass.read_amass_header,
        stated_rate=amass.read_stated_rate,
        read=_read_amass,
        root=amass.read_root,
    ),
    PoseFormat(
        name="bvh",
        recognizes=bvh.recognizes,
        header=bvh.bvh_header,
        stated_rate=bvh.stated_bvh_rate,
        read=_read_bvh,
        root=_no_root,
    ),
    MarkerFormat(
        name="trc",
        recognizes=trc.recognizes,
        header=trc.trc_header,
        stated_rate=trc.stated_trc_rate,
        read=trc.read_trial,
        read_static=trc.read_static,
    ),
    MarkerFormat(
        name="c3d",
        recognizes=c3d_header.recognizes,
        header=c3d.c3d_header,
        stated_rate=c3d.stated_c3d_rate,
        read=c3d.read_trial,
        read_static=c3d.read_static,
    ),
)
FORMATS: dict[str, Format] = {entry.name: entry for entry in _ENTRIES}


class PickleRefusedError(StageError):
    """The file is a pickle, whatever the table calls it."""


def recognized(path: str | Path) -> Format | None:
    """The format that a file has by its content, None if no known one. Raises StageError if it cannot be looked at."""
    with glimpse(path) as seen:
        if seen.pickled:
            raise PickleRefusedError(
                Reason.FILE_CORRUPT,
                f"{path} is a pickle, which is a program: it is never run",
                remedy="take its arrays out with `mint bodies convert IN.pkl OUT.npz`, or save them as .npz",
            )
        return next((entry for entry in _ENTRIES if entry.recognizes(seen)), None)


def format_of(path: str | Path, stated: str | None = None) -> Format:
    """The format to read a file by. Raises StageError where the table states another one than the content shows, and
    where it states none and the content shows none."""
    if stated is None:
        if (found := recognized(path)) is not None:
            return found
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: its content is that of no known format; known are {known_formats()}",
            remedy="name a motion file of one of these formats, or state the right one in column source to be told "
            "what is wrong with the file",
        )
    if stated not in FORMATS:
        raise StageError(
            Reason.TABLE,
            f"source {stated!r} of {path} is no known format; known are {known_formats()}",
            remedy="write the name of one of these into the column source of the sequence table, or leave it empty",
        )
    try:
        found = recognized(path)
    except PickleRefusedError:
        raise
    except StageError:
        # The reader of the stated format says what is wrong with its file.
        found = None
    if found is not None and found.name != stated:
        raise StageError(
            Reason.CONTRADICTION,
            f"{path}: source is {stated}, but the content is {found.name}: {found.title}",
            remedy=f"write {found.name} into the column source of the sequence table, leave it empty, or name another "
            "file",
        )
    return FORMATS[stated]
