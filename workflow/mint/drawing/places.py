"""Which sequences and frames the report shows, and where their drawings lie; no OpenSim, as the report asks as well."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.sequence.outcome import read_bundle


def shown_sequences(plan: Mapping[str, Any], results_dir: str | Path, most: int) -> list[tuple[str, Bundle]]:
    """Names and merged bundles of at most `most` sequences that have frames, by name.

    Where there are more, hashes choose: subjects and datasets mix, and a sequence that is added changes one at most.
    """
    by_hash = sorted(plan["sequences"], key=lambda name: hashlib.sha256(name.encode()).digest())
    folder = Path(results_dir) / "sequences"
    read = ((name, read_bundle("merge", folder / name / "sequence.npz")[0]) for name in by_hash)
    usable = (
        (name, bundle)
        for name, bundle in read
        if bundle is not None and bundle.ok and "frames" in bundle and len(bundle["frames"])
    )
    return sorted(islice(usable, most), key=lambda found: found[0])


def drawing_path(results_dir: str | Path, sequence_id: str) -> Path:
    """Poses, muscle paths and markers of a sequence."""
    return Path(results_dir) / "drawings" / f"{sequence_id}.npz"


def body_path(results_dir: str | Path, subject_id: str) -> Path:
    """What the body of a subject looks like."""
    return Path(results_dir) / "drawings" / "subjects" / f"{subject_id}.npz"


def drawn_frames(first: int, stop: int, most: int) -> NDArray[np.int64]:
    """Frames `first, first + stride, ..` below `stop`, with the least stride that gives at most `most` of them."""
    return np.arange(first, stop, max(1, -(-(stop - first) // most)))
