"""Markers of a rest pose seen along x and along z, coloured by the body that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from mint.core.atomic import atomic_path

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D

_VIEWS = (("seen along x", 2), ("seen along z", 0))


def draw(points: Mapping[str, Any], bodies: Mapping[str, str], path: Path) -> None:
    """Draw `points`, name -> (3,) m, y up; those that `bodies` (name -> body) lacks are grey crosses."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 9), sharey=True, layout="constrained")
    names, order = list(points), sorted(set(bodies.values()))
    places = np.array([points[name] for name in names])
    for axis, (title, across) in zip(axes, _VIEWS, strict=True):
        for i, name in enumerate(names):
            known = name in bodies
            color = plt.get_cmap("tab20")(order.index(bodies[name]) % 20) if known else "grey"
            axis.plot(*places[i, [across, 1]], "o" if known else "x", color=color, markersize=5)
            axis.annotate(name, places[i, [across, 1]], xytext=(4, 2), textcoords="offset points", fontsize=6)
        axis.set(title=title, xlabel="z [m]" if across == 2 else "x [m]", aspect="equal")
    axes[0].set_ylabel("y [m]")
    marks = [
        Line2D([], [], marker="o", linestyle="", color=plt.get_cmap("tab20")(i % 20), label=body)
        for i, body in enumerate(order)
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=8, fontsize=7)
    with atomic_path(path) as partial:
        figure.savefig(partial, format="png", dpi=110)
    plt.close(figure)
