"""MIA's folders: `<root>/<split>/Subject<k>/<Exercise>/<number>/` with `emgvalues.npy`, `pose.npy` and `betas.npy`.

The files are plain arrays (its authors load them without pickles) of 30 frames at 10/s: EMG of eight channels, SMPL's
pose and shape by VIBE (Kocabas et al. 2020) in the axes of a camera. Other files beside them are not read: `predcam`,
`origcam`, `bboxes`, `joints2d`, `joints3d`, `verts`. Lists (`train.txt`, `val.txt`) name a folder a line, with the
name of the dataset's folder before it or without. What is not as it should be is refused by name, and the rest read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told

Floats = NDArray[np.float64]

RATE_HZ = 10.0
FRAMES = 30
SPLITS = ("train", "val")
_SHAPES = {"emgvalues.npy": (FRAMES, 8), "pose.npy": (FRAMES, 72), "betas.npy": (FRAMES, 10)}
# Parts of a name become parts of a path only if they look like this.
_NAME = re.compile(r"(train|val)/Subject(\d{1,3})/([A-Za-z]{1,40})/(\d{1,7})", re.ASCII)
_PARTS = 4
# The largest array, of poses in 64 bits, has 17 kB; the list of all samples 0.7 MB.
_MAX_ARRAY_BYTES, _MAX_LIST_BYTES = 2**16, 2**24


@dataclass(frozen=True, order=True)
class SampleName:
    """A sample's place in the dataset: `train/Subject3/HighKick/848`."""

    split: str
    subject: int
    exercise: str
    number: int

    @classmethod
    def parse(cls, text: str) -> SampleName:
        """The last four parts of a path. Raises StageError(FIELD_VALUE) for anything else."""
        found = _NAME.fullmatch("/".join(text.strip().replace("\\", "/").split("/")[-_PARTS:]))
        if not found:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{text.strip()[:200]!r} is no sample of MIA, must be train|val/Subject<number>/<Exercise>/<number>",
                remedy="name samples as their folders",
            )
        return cls(found[1], int(found[2]), found[3], int(found[4]))

    @property
    def path(self) -> str:
        """Relative to the folder of the dataset."""
        return f"{self.split}/Subject{self.subject}/{self.exercise}/{self.number}"


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample: `emg (30, 8)` in raw units, `poses (30, 72)` rad of SMPL's 24 joints and `betas (30, 10)` of each
    frame; 10 frames/s, root in the axes of the camera (x right, y down, z away from it)."""

    name: SampleName
    emg: Floats
    poses: Floats
    betas: Floats


@dataclass(frozen=True)
class Refused:
    """What was not read, and why."""

    name: str
    error: StageError


def read_list(path: str | Path) -> tuple[list[SampleName], list[Refused]]:
    """Names in the order of a list, each once, and lines that are none. Raises StageError for an unreadable file."""
    with open_regular(path) as file:
        content = file.read(_MAX_LIST_BYTES + 1)
    if len(content) > _MAX_LIST_BYTES:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path} has more than {_MAX_LIST_BYTES} bytes, no list of samples has",
            remedy="give train.txt or val.txt of MIA",
        )
    return _parsed(line for line in content.decode("utf-8", "replace").splitlines() if line.strip())


def find_samples(root: str | Path) -> tuple[list[SampleName], list[Refused]]:
    """Names of all samples below `root`, sorted, and folders at their depth that are none.

    Raises StageError(FILE_MISSING) for a folder without `train` or `val`.
    """
    folder = Path(root)
    splits = [folder / split for split in SPLITS if (folder / split).is_dir()]
    if not splits:
        raise StageError(
            Reason.FILE_MISSING,
            f"{folder} has no folder {' or '.join(SPLITS)}, the dataset MIA has both",
            remedy="give the folder that MIADataset.tar was unpacked to",
        )
    found = (path.relative_to(folder).as_posix() for split in splits for path in split.glob("*/*/*") if path.is_dir())
    names, refused = _parsed(found)
    return sorted(names), sorted(refused, key=lambda each: each.name)


def read_sample(root: str | Path, name: SampleName) -> Sample:
    """One sample. Raises StageError naming the file, what it has and what it must have."""
    folder = Path(root) / SampleName.parse(name.path).path
    emg, poses, betas = (_array(folder / file, shape) for file, shape in _SHAPES.items())
    if (emg < 0).any():
        raise StageError(
            Reason.FIELD_VALUE,
            f"{folder / 'emgvalues.npy'}: {int((emg < 0).sum())} values are negative, an envelope has none",
            remedy="give the envelopes of MIA, not raw EMG",
        )
    return Sample(name, emg, poses, betas)


def read_samples(root: str | Path, names: Iterable[SampleName], refused: list[Refused]) -> Iterator[Sample]:
    """Samples one after the other, in the order of the names; those that cannot be read are added to `refused`."""
    for name in names:
        try:
            yield read_sample(root, name)
        except StageError as error:
            refused.append(Refused(name.path, error))


def _parsed(texts: Iterable[str]) -> tuple[list[SampleName], list[Refused]]:
    """Names, each once, and texts that are none."""
    names: dict[SampleName, None] = {}
    refused = []
    for text in texts:
        try:
            names[SampleName.parse(text)] = None
        except StageError as error:
            refused.append(Refused(text.strip()[:200], error))
    return list(names), refused


def _array(path: Path, shape: tuple[int, ...]) -> Floats:
    """A file's array of numbers of this shape, as float64; its header is judged before anything is made of it."""
    with open_regular(path) as file:
        content = file.read(_MAX_ARRAY_BYTES + 1)
    if len(content) > _MAX_ARRAY_BYTES:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{path} has more than {_MAX_ARRAY_BYTES} bytes, must be an array {shape}",
            remedy="give the files of MIA as they are",
        )
    try:
        found, dtype = _header(io.BytesIO(content))
    except Exception as error:  # a damaged header raises nearly anything
        raise StageError(Reason.FILE_CORRUPT, f"{path} is no array (.npy): {told(error)}") from error
    if dtype.hasobject or dtype.kind not in "fiu":
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: values are {dtype}, must be numbers",
            remedy="save a plain array of numbers; pickled objects are never loaded",
        )
    if found != shape:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{path}: the array is {found}, must be {shape}",
            remedy="a sample of MIA has 30 frames at 10/s; leave others out of the list",
        )
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False).astype(np.float64)
    except Exception as error:  # so does a file that ends early
        raise StageError(Reason.FILE_CORRUPT, f"{path} is damaged: {told(error)}") from error
    if not np.isfinite(values).all():
        frame = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise StageError(Reason.NOT_FINITE, f"{path}: frame {frame} has a value that is no finite number, all must be")
    return np.asarray(values)


def _header(file: io.BytesIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type by the header alone."""
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(npy.read_magic(file))
    if read is None:
        raise ValueError("a version of the format that numbers do not need")
    shape, _, dtype = read(file)
    return shape, dtype
