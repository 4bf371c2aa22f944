"""Which points of a C3D file are markers of the person: labelled, measured, of one subject."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.trc_header import UNIT_M, unit_named
from mint.formats.c3d_header import C3dHeader
from mint.formats.markers import lost_as_nan
from mint.formats.people import names_of_one

Floats = NDArray[np.float64]

# Reflections that nobody has named: `*12` (Vicon), `U_1`, `uname*3`, `unlabeled 4`.
_UNLABELLED = re.compile(r"\*\d*|U_\d+|uname\*?\d*|unnamed.*|unlabel+ed.*|C_\d+", re.IGNORECASE)
# Results of a model are written as points: named in these parameters, or by the endings that Vicon's models give them.
_RESULTS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "REACTIONS", "MODELED_MARKERS")
_RESULT = re.compile(r"\w+(Angles|Force|Moment|Power|GRF)")


def unit_of(path: Path, header: C3dHeader) -> tuple[float, list[str]]:
    """Length of the unit of points [m], and warnings. Raises StageError for a unit that is none."""
    text = next(iter(header.parameters.texts("POINT", "UNITS")), "")
    if not text:
        return 1e-3, [f"{path}: POINT:UNITS is empty: millimetres are assumed, as usual in C3D"]
    unit = unit_named(text)
    if unit is None:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: POINT:UNITS is {text[:40]!r}, must be one of {', '.join(UNIT_M)}",
            remedy="export the trial with its unit of length",
        )
    return UNIT_M[unit], []


def markers_of(
    path: Path, header: C3dHeader, points: Floats, residuals: Floats, unit_m: float, subject: str | None
) -> tuple[list[str], Floats, list[str]]:
    """Names, `positions (n, m, 3)` m in the axes of the laboratory, NaN where lost, and warnings. Raises StageError."""
    labels, warnings = _labelled(path, header)
    index, notes = names_of_one(
        path, [name for _, name in labels], subject, header.parameters.texts("SUBJECTS", "LABEL_PREFIXES")
    )
    kept = [(labels[i][0], name) for i, name in index.items() if not _UNLABELLED.fullmatch(name)]
    columns = [column for column, _ in kept]
    lost = residuals[:, columns] < 0
    positions = lost_as_nan(np.where(lost[..., None], np.nan, points[:, columns]) * unit_m)
    names = [name for _, name in kept]
    seen = np.any(np.isfinite(positions[:, :, 0]), axis=0)
    once = _once(path, names, [bool(each) for each in seen])
    if not once:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: none of its {header.points} points is a labelled marker",
            remedy="label the markers, and export the trial again",
        )
    return [names[i] for i in once], positions[:, once], [*warnings, *notes]


def _labelled(path: Path, header: C3dHeader) -> tuple[list[tuple[int, str]], list[str]]:
    """Column and label of all points that may be markers, and warnings that count the others."""
    labels = [*header.parameters.texts("POINT", "LABELS"), *[""] * header.points][: header.points]
    results = {name for kind in _RESULTS for name in header.parameters.texts("POINT", kind)} - {""}
    named = [(i, name) for i, name in enumerate(labels) if name and not _UNLABELLED.fullmatch(name)]
    markers = [(i, name) for i, name in named if name not in results and not _RESULT.fullmatch(name.rpartition(":")[2])]
    warnings = []
    if unlabelled := header.points - len(named):
        warnings.append(f"{path}: {unlabelled} of {header.points} points have no label: they are left out")
    if modelled := len(named) - len(markers):
        warnings.append(f"{path}: {modelled} of {header.points} points are results of a model: they are left out")
    return markers, warnings


def _once(path: Path, names: list[str], seen: list[bool]) -> list[int]:
    """Indices of the markers; those of a name that another has, too, only if they are seen. Raises StageError."""
    counted = Counter(names)
    kept = [i for i, name in enumerate(names) if counted[name] == 1 or seen[i]]
    twice = [name for name, count in Counter(names[i] for i in kept).items() if count > 1]
    if twice:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: POINT:LABELS: {len(twice)} markers stand there twice: {', '.join(twice[:10])}",
            remedy="give every marker a name of its own",
        )
    return kept
