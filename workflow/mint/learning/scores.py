"""How near predicted activations are to the simulated or measured ones: RMSE, Pearson's correlation, SMAPE.

Windows are `(B, T, C)`: windows, samples, muscles; torch or numpy, computed in float64. `target` may have NaN where
nothing was measured. The metrics are those of Muscles in Time (Schneider et al. 2024, section 4 and tables 2, 5, 6).
Its public evaluation (motion2muscle, `ms_eval_mia.ipynb` at 9142a23e) divides the sum of the products of standard
scores, which are made with the population deviation plus 1e-8, by T - 1: a perfect prediction of a window of 28 samples
has 28 / 27. `pcc` is the correlation, `pcc_paper` what that evaluation gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional import pearson_corrcoef

from mint.core.status import Reason, StageError
from mint.core.tables import table

Floats = NDArray[np.float64]
Windows: TypeAlias = NDArray[Any] | torch.Tensor

OVERALL = "overall"
# A muscle whose values in a window differ by no more than this does not move. float32 keeps steps of 1e-7 near 1, so
# that a network which gives the same value all along is seen to do so; the smallest step of raw EMG is 1.
STILL = 1e-6
_EPSILON = 1e-8
# Windows that are worked on at a time: intermediate values of 402 muscles stay in the cache of a core.
_AT_A_TIME = 16
_TERMS = ("squared", "samples", "smape", "r", "correlated", "paper", "whole", "flat")


@dataclass(frozen=True)
class Score:
    """Scores of a group of muscles over some windows.

    `rmse` over all samples, in the unit of the values. `pcc`: mean over the windows in which both move, of each muscle,
    then over muscles; NaN if there is none. `pcc_paper`: the paper's, where what does not move counts as 0. `smape` in
    percent: mean over samples, of each muscle, then over muscles. `left_out`: share of windows and muscles without a
    correlation; `flat`: share of those in which the target moves and the prediction does not.
    """

    windows: int
    rmse: float
    pcc: float
    pcc_paper: float
    smape: float
    left_out: float
    flat: float


class Scores:
    """Scores of any number of windows, by groups of muscles and by actions; it keeps sums alone, in float64.

    `muscles (C,)` are the names of the columns. `groups` are columns by name of the group; without, `muscle_groups`.
    """

    def __init__(self, muscles: Sequence[str], groups: Mapping[str, NDArray[np.int64]] | None = None) -> None:
        self.muscles = tuple(muscles)
        self.groups = muscle_groups(muscles) if groups is None else dict(groups)
        self._sums: dict[str, Floats] = {OVERALL: np.zeros((len(_TERMS), len(self.muscles)))}
        self._windows: dict[str, int] = {OVERALL: 0}

    def update(self, predicted: Windows, target: Windows, actions: Sequence[str | Iterable[str]] | None = None) -> None:
        """Add windows `(B, T, C)`; `actions (B,)` are the names of what is done in each: none, one or several.

        Raises StageError(NOT_FINITE) for a prediction that is no number, ValueError for shapes that do not fit.
        """
        terms = _terms(*_pair(predicted, target, len(self.muscles)))
        each_does = [()] * terms.shape[1] if actions is None else actions
        named = [{each} if isinstance(each, str) else set(each) for each in each_does]
        there = set().union(*named)
        if len(named) != terms.shape[1] or OVERALL in there:
            raise ValueError(
                f"{len(named)} windows have actions, {terms.shape[1]} have values; {OVERALL!r} is the "
                f"name of all windows, actions are {sorted(there)[:10]}"
            )
        self._add(OVERALL, terms)
        for action in there:
            self._add(action, terms[:, [action in names for names in named]])

    def result(self) -> dict[str, dict[str, Score]]:
        """Scores by action, `overall` first, and group of muscles."""
        return {
            action: {group: self._score(action, columns) for group, columns in self.groups.items()}
            for action in (OVERALL, *sorted(set(self._sums) - {OVERALL}))
        }

    def of_muscles(self, action: str = OVERALL) -> dict[str, Floats]:
        """`rmse`, `pcc`, `pcc_paper`, `smape`, `left_out`, `flat` of each muscle, `(C,)`; NaN where there is none."""
        sums = dict(zip(_TERMS, self._sums[action], strict=True))
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "rmse": np.sqrt(sums["squared"] / sums["samples"]),
                "pcc": sums["r"] / sums["correlated"],
                "pcc_paper": sums["paper"] / sums["whole"],
                "smape": sums["smape"] / sums["samples"],
                "left_out": 1 - sums["correlated"] / sums["whole"],
                "flat": sums["flat"] / sums["whole"],
            }

    def _add(self, action: str, terms: Floats) -> None:
        self._sums[action] = self._sums.get(action, 0.0) + terms.sum(axis=1)
        self._windows[action] = self._windows.get(action, 0) + terms.shape[1]

    def _score(self, action: str, columns: NDArray[np.int64]) -> Score:
        each = {name: values[columns] for name, values in self.of_muscles(action).items()}
        sums = dict(zip(_TERMS, self._sums[action][:, columns].sum(axis=1), strict=True))
        whole, samples = sums["whole"] or np.nan, sums["samples"] or np.nan
        return Score(
            self._windows[action],
            float(np.sqrt(sums["squared"] / samples)),
            _mean(each["pcc"]),
            _mean(each["pcc_paper"]),
            _mean(each["smape"]),
            float(1 - sums["correlated"] / whole),
            float(sums["flat"] / whole),
        )


def muscle_groups(names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Columns of the groups that are reported: `all`, `lower_body` (LU_), `trunk` (TL_) and the subsets of
    `resources/muscle_subsets.csv`; of these only such as have all their muscles among `names`."""
    place = {name: i for i, name in enumerate(names)}
    groups = {
        "all": list(names),
        "lower_body": [name for name in names if name.startswith("LU_")],
        "trunk": [name for name in names if name.startswith("TL_")],
    }
    for subset, rows in table("muscle_subsets").groupby("subset"):
        members = [str(name) for name in rows["mint_column"]]
        # The paper's names end with the number of muscles: LAI_ARNOLD_LOWER_BODY_16.
        groups[f"subset_{str(subset).rpartition('_')[2]}"] = members if set(members) <= set(names) else []
    return {group: np.array([place[name] for name in members]) for group, members in groups.items() if members}


def rmse(predicted: Windows, target: Windows) -> float:
    """Root mean square difference over everything, in the unit of the values."""
    squared, samples = _terms(*_pair(predicted, target))[:2]
    return float(np.sqrt(squared.sum() / samples.sum()))


def muscle_rmse(predicted: Windows, target: Windows) -> Floats:
    """Root mean square difference of each muscle `(C,)`."""
    squared, samples = _terms(*_pair(predicted, target))[:2]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(squared.sum(axis=0) / samples.sum(axis=0)))


def pcc(predicted: Windows, target: Windows) -> Floats:
    """Pearson's correlation `(B, C)` over time; NaN where the target or the prediction does not move, or where a sample
    was not measured."""
    return _correlations(*_pair(predicted, target))[0].numpy()


def pcc_paper(predicted: Windows, target: Windows) -> Floats:
    """The correlation `(B, C)` as the paper's evaluation computes it: T / (T - 1) times too large, 0 where the target
    or the prediction does not move; NaN where a sample was not measured."""
    return _correlations(*_pair(predicted, target))[1].numpy()


def smape(predicted: Windows, target: Windows) -> Floats:
    """Symmetric mean absolute percentage error `(B, C)`: mean over time of |x - y| / ((|x| + |y|) / 2) x 100, between 0
    and 200. Where both are 0 they agree: 0. (The paper's evaluation adds 1e-8 below the line, to the same end.)"""
    terms = _terms(*_pair(predicted, target))
    with np.errstate(invalid="ignore"):
        return np.asarray(terms[_TERMS.index("smape")] / terms[_TERMS.index("samples")])


def _pair(predicted: Windows, target: Windows, muscles: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Both as float64 `(B, T, C)`."""
    x, y = (torch.as_tensor(values).detach().to("cpu", torch.float64) for values in (predicted, target))
    if x.shape != y.shape or x.ndim != 3 or x.shape[1] < 2 or muscles not in (None, x.shape[2]):
        raise ValueError(
            f"predicted is {tuple(x.shape)}, target {tuple(y.shape)}; both must be windows (B, T, C) of "
            f"at least two samples{'' if muscles is None else f' and {muscles} muscles'}"
        )
    if not torch.isfinite(x).all():
        raise StageError(
            Reason.NOT_FINITE,
            f"predicted activations: {int((~torch.isfinite(x)).sum())} of {x.numel()} "
            "values are no numbers, all must be",
            remedy="train again with a lower learning rate",
        )
    return x, y


def _terms(predicted: torch.Tensor, target: torch.Tensor) -> Floats:
    """What scores are sums of, `(8, B, C)` in the order of `_TERMS`, from predicted and target `(B, T, C)`."""
    parts = zip(predicted.split(_AT_A_TIME), target.split(_AT_A_TIME), strict=True)
    return np.concatenate([_part(x, y) for x, y in parts], axis=1)


def _part(x: torch.Tensor, y: torch.Tensor) -> Floats:
    """`_terms` of a few windows."""
    there = torch.isfinite(y)
    known = torch.where(there, y, x)
    difference = x - known
    size = (x.abs() + known.abs()) / 2
    share = torch.where(size > 0, difference.abs() / size.where(size > 0, torch.ones_like(size)), 0.0)
    r, paper = _correlations(x, y)
    whole = there.all(dim=1)
    flat = whole & (_range(known) > STILL) & (_range(x) <= STILL)
    found = (
        difference.square().sum(dim=1),
        there.sum(dim=1),
        100 * share.sum(dim=1),
        r.nan_to_num(0.0),
        ~r.isnan(),
        paper.nan_to_num(0.0),
        whole,
        flat,
    )
    return np.stack([np.asarray(each, dtype=np.float64) for each in found])


def _correlations(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The correlation and the paper's `(B, C)`, NaN where there is none."""
    windows, samples, muscles = x.shape
    r = torch.full((windows, muscles), torch.nan, dtype=torch.float64)
    # torchmetrics would give a number for a constant whose mean is rounded: only what moves is handed to it.
    moves = (_range(x) > STILL) & (_range(y) > STILL)
    if moves.any():
        columns = (each.permute(1, 0, 2)[:, moves] for each in (x, y))
        r[moves] = pearson_corrcoef(*columns).reshape(-1)
    dx, dy = x - x.mean(dim=1, keepdim=True), y - y.mean(dim=1, keepdim=True)
    deviations = [each.square().mean(dim=1).sqrt() + _EPSILON for each in (dx, dy)]
    return r, (dx * dy).sum(dim=1) / (samples - 1) / (deviations[0] * deviations[1])


def _range(values: torch.Tensor) -> torch.Tensor:
    """Largest minus smallest value over time `(B, C)`; NaN where one is."""
    return values.amax(dim=1) - values.amin(dim=1)


def _mean(values: Floats) -> float:
    """Mean of what is no NaN; NaN if nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
