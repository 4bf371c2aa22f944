"""Points and analog samples of a C3D file by ezc3d, in a process of their own: a damaged file may end or fill it.

`python -m mint.formats.c3d_child FILE.c3d OUT.npz`
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main(path: str, output: str) -> int:
    """Write `points (n, m, 3)`, `residuals (n, m)` and `analog (channels, samples)` as the file has them."""
    # Only here, so that who starts this process does not load the library.
    import ezc3d

    file = ezc3d.c3d(path)
    data = file["data"]
    points = np.moveaxis(data["points"][:3], (0, 1, 2), (2, 1, 0))
    residuals = data["meta_points"]["residuals"]
    with Path(output).open("wb") as handle:
        np.savez(handle, points=points, residuals=residuals.reshape(residuals.shape[-2:]).T, analog=data["analogs"][0])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
