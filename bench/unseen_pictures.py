"""Pictures of chunks that are not accepted, to be judged by eye: is it true what the ledger says?

`python bench/unseen_pictures.py [STATUS ...]` reads `results/benchmarks/unseen_chunks.csv` of `bench/unseen.py` and
draws the markers of those chunks, from the side and from behind, at six moments over the floor, ten chunks a page, into
`results/benchmarks/unseen_pictures/`. Of more than sixty chunks every n-th is drawn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from runs import save_figure
from trials import ROOT
from unseen import LIST, RESULTS

from mint.core.motionfiles import read_trc
from mint.core.status import StageError

MOMENTS, A_PAGE, MOST = 6, 10, 60
APART_M = 1.2
FOLDER = LIST.with_name("unseen_pictures")


def main(statuses: list[str]) -> None:
    """Draw."""
    table = pd.read_csv(LIST, keep_default_na=False)
    chosen = table[table["status"].isin(statuses)] if statuses else table
    chosen = chosen.iloc[:: -(-len(chosen) // MOST) or 1]
    for page, start in enumerate(range(0, len(chosen), A_PAGE)):
        path = FOLDER / f"{page:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_figure(drawn(chosen.iloc[start : start + A_PAGE]), path)
        print(path)


def drawn(rows: pd.DataFrame) -> Figure:
    """A page: a chunk per row."""
    figure = Figure(figsize=(14, 2.2 * len(rows)), layout="constrained")
    for axes, (_, row) in zip(np.atleast_1d(figure.subplots(len(rows), 1)), rows.iterrows(), strict=True):
        axes.set_title(
            f"{row['sequence']}/{row['chunk']:03d} {row['reason']}: {row['detail'][:170]}", fontsize=7, loc="left"
        )
        axes.set_aspect("equal")
        axes.axhline(0.0, color="0.6", linewidth=0.8)
        axes.set_xticks([])
        _draw(axes, ROOT / RESULTS / row["half"] / "sequences" / row["sequence"] / f"chunks/{int(row['chunk']):03d}")
    return figure


def _draw(axes: Any, folder: Path) -> None:
    """Markers at equal times: ahead to the right, and beside it seen from behind."""
    try:
        positions = read_trc(folder / "markers.trc").positions
    except StageError as error:
        axes.text(0.0, 0.5, str(error)[:120], fontsize=7)
        return
    for place, k in enumerate(np.linspace(0, len(positions) - 1, MOMENTS).astype(int)):
        middle = np.nanmean(positions[k], axis=0)
        for view, axis in enumerate((0, 2)):
            across = positions[k][:, axis] - middle[axis] + APART_M * (2 * place + view)
            axes.plot(across, positions[k][:, 1], ".", markersize=2, color=("tab:blue", "tab:orange")[view])


if __name__ == "__main__":
    main(sys.argv[1:])
