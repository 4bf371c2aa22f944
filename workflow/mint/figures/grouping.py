"""Clusters of points with many dimensions by FINCH, and places for them in a plane by h-NNE; always the same ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.figures.labels import UNLABELLED

SEED = 0


@dataclass(frozen=True)
class Clustering:
    """Clusters (n,) that are drawn, their agreement with names, places (n, 2), by which method, all partitions.

    `partitions` has number of clusters and agreement of each of FINCH's partitions, from fine to coarse.
    """

    clusters: NDArray[np.int64]
    agreement: float | None
    places: NDArray[np.float64]
    method: str
    partitions: list[tuple[int, float | None]]


def clustered(points: NDArray[np.float64], names: list[str]) -> Clustering:
    """Group and place points (n, f), n at least 3; `names` (n,) say what each shows.

    Drawn is FINCH's partition whose number of clusters is nearest (as a ratio) to the number of names. Agreement is the
    adjusted mutual information with the names: 1 if both tell the same, 0 for chance, None with fewer than two names.
    Points without a label count for neither.
    """
    # Numba, which both load, takes seconds to import.
    from finch import FINCH

    partitions, sizes, _ = FINCH(points, distance="cosine", verbose=False, random_state=SEED)
    partitions = np.asarray(partitions).reshape(len(points), -1)
    levels = [(int(size), agreement(names, partition)) for size, partition in zip(sizes, partitions.T, strict=True)]
    distinct = max(1, len(set(names) - {UNLABELLED}))
    nearest = int(np.argmin([abs(np.log(size / distinct)) for size in sizes]))
    places, method = placed(points)
    return Clustering(partitions[:, nearest].astype(np.int64), levels[nearest][1], places, method, levels)


def agreement(names: list[str], clusters: NDArray[np.int64]) -> float | None:
    """Adjusted mutual information of names (n,) and clusters (n,) over the points that have a label."""
    from sklearn.metrics import adjusted_mutual_info_score

    pairs = [(name, int(cluster)) for name, cluster in zip(names, clusters, strict=True) if name != UNLABELLED]
    if len({name for name, _ in pairs}) < 2:
        return None
    return float(adjusted_mutual_info_score([name for name, _ in pairs], [cluster for _, cluster in pairs]))


def placed(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    """Places (n, 2) of points (n, f), and the method: h-NNE, or principal components where h-NNE has too few points."""
    from hnne import HNNE
    from sklearn.decomposition import PCA

    if points.shape[1] >= 2:
        try:
            places = np.asarray(HNNE(random_state=SEED).fit_transform(points), dtype=np.float64)
        except ValueError as error:
            # Its hierarchy needs a level of three clusters.
            print(f"h-NNE: {error}")
        else:
            if np.isfinite(places).all():
                return places, "h-NNE"
    components = PCA(min(2, points.shape[1]), random_state=SEED).fit_transform(points)
    return np.pad(components, [(0, 0), (0, 2 - components.shape[1])]), "principal components (too few points for h-NNE)"
