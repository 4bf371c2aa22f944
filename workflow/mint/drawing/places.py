"""Which sequences and frames the report shows, and where their drawings lie; no OpenSim, as the report asks as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.sequence.outcome import read_bundle


def merged_sequences(plan: Mapping[str, Any], results_dir: str | Path) -> Iterator[tuple[str, Bundle]]:
    """Names and merged bundles of the sequences that have frames, in the order of the page."""
    for name in sorted(plan["sequences"]):
        bundle, _ = read_bundle("merge", Path(results_dir) / "sequences" / name / "sequence.npz")
        if bundle is not None and bundle.ok and "frames" in bundle and len(bundle["frames"]):
            yield name, bundle


def drawing_path(results_dir: str | Path, sequence_id: str) -> Path:
    """Poses, muscle paths and markers of a sequence."""
    return Path(results_dir) / "drawings" / f"{sequence_id}.npz"


def body_path(results_dir: str | Path, subject_id: str) -> Path:
    """What the body of a subject looks like."""
    return Path(results_dir) / "drawings" / "subjects" / f"{subject_id}.npz"


def drawn_frames(first: int, stop: int, most: int) -> NDArray[np.int64]:
    """Frames `first, first + stride, ..` below `stop`, with the least stride that gives at most `most` of them."""
    return np.arange(first, stop, max(1, -(-(stop - first) // most)))
