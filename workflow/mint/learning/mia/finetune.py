"""Fine-tuning of a trained network on measured EMG (Muscles in Time, Schneider et al. 2024, section A.5), and scores.

The last layer is replaced by one of as many outputs as there are channels. Then either the outer layers alone are
trained (the first convolution, the first block and the last layer: 8 % of the weights of the paper's transformer), or
everything.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from mint.learning.scores import Score, Scores, Windows
from mint.learning.training import Schedule, reproducible

Floats = NDArray[np.float64]
Which = Literal["outer", "all"]

# As the paper's code trains (motion2muscle, train_trans_mia.py at afcc10e1).
_BETAS, _WEIGHT_DECAY = (0.9, 0.99), 0.0
_HEADS = (torch.nn.Linear, torch.nn.Conv1d)


def head_of(network: torch.nn.Module) -> str:
    """Name of the last layer: the linear or convolutional one that was registered last. Raises ValueError if there is
    none."""
    found = [name for name, module in network.named_modules() if isinstance(module, _HEADS) and name]
    if not found:
        raise ValueError(f"{type(network).__name__} has no linear or convolutional layer to replace")
    return found[-1]


def with_head(network: torch.nn.Module, outputs: int, seed: int) -> torch.nn.Module:
    """A copy of a network `(B, T, D) -> (B, T, C)` whose last layer has `outputs` outputs, drawn from the seed."""
    out = copy.deepcopy(network)
    name = head_of(out)
    head = out.get_submodule(name)
    with reproducible(seed):
        out.set_submodule(name, _resized(head, outputs))
    return out


def finetuned(
    network: torch.nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    mask: torch.Tensor,
    schedule: Schedule,
    which: Which,
    seed: int,
) -> dict[str, Floats]:
    """Train a network of `with_head` in place, and say how its error went: `epoch (k,)` and `loss (k,)` after each.

    `inputs (B, T, D)`, `targets (B, T, C)`, `mask (B, T, C)` True where a target counts; those where it is False may
    be NaN. AdamW, SmoothL1 over what counts (and `network.penalty()`, where it has one), batches from the seed: the
    same numbers on every run. With `which` "outer" only `network.outer_parameters()` and the new last layer change, and
    no running statistics of other layers; a codebook that follows what is coded still does. Raises ValueError for an
    unknown parameter, another number of outputs, or a target that counts and is no number.
    """
    device = next(network.parameters()).device
    counts = mask.to(torch.bool)
    known = torch.where(counts, targets, torch.zeros_like(targets)).to(inputs.dtype)
    if not torch.isfinite(known).all():
        raise ValueError("the mask counts targets that are no finite numbers")
    history: dict[str, list[float]] = {"epoch": [], "loss": []}
    with reproducible(seed), _trained(network, which):
        optimizer = torch.optim.AdamW(
            [value for value in network.parameters() if value.requires_grad],
            lr=schedule.rate,
            betas=_BETAS,
            weight_decay=_WEIGHT_DECAY,
        )
        for epoch in range(1, schedule.epochs_of(len(inputs)) + 1):
            _train_mode(network)
            total = number = 0.0
            for rows in torch.randperm(len(inputs)).split(schedule.batch):
                batch, target, weight = (values[rows].to(device) for values in (inputs, known, counts))
                output = network(batch)
                if output.shape != target.shape:
                    raise ValueError(f"the network gives {tuple(output.shape)}, targets are {tuple(target.shape)}")
                loss = masked_smooth_l1(output, target, weight)
                optimizer.zero_grad()
                (loss + network.penalty() if hasattr(network, "penalty") else loss).backward()
                optimizer.step()
                total, number = total + float(loss.detach()) * int(weight.sum()), number + int(weight.sum())
            history["epoch"].append(epoch)
            history["loss"].append(total / number if number else float("nan"))
    return {name: np.array(values) for name, values in history.items()}


def masked_smooth_l1(output: torch.Tensor, target: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of SmoothL1 (Girshick 2015, equation 3) over what counts; 0 where nothing does. All `(B, T, C)`."""
    loss = torch.nn.functional.smooth_l1_loss(output, target, reduction="none")
    return (loss * mask).sum() / mask.sum().clamp(min=1)


def exercise_scores(
    predicted: Windows, measured: Windows, exercises: Sequence[str], scale: Floats | None = None
) -> dict[str, Score]:
    """Scores of each exercise, `overall` first, of windows `(B, T, C)` (table 6 of the paper).

    `exercises (B,)`: what is done in each window. `scale (C,)` brings the values to the unit of the RMSE: `percentiles`
    of MIA's channels, whose raw units the paper uses; without, they are in that unit.
    """
    pair = [torch.as_tensor(values).detach().to("cpu", torch.float64) for values in (predicted, measured)]
    if scale is not None:
        pair = [values * torch.as_tensor(scale) for values in pair]
    columns = np.arange(pair[0].shape[-1])
    scores = Scores([str(c) for c in columns], {"all": columns})
    scores.update(pair[0], pair[1], exercises)
    return {exercise: groups["all"] for exercise, groups in scores.result().items()}


def _resized(head: Any, outputs: int) -> Any:
    """A layer like another one with another number of outputs."""
    # A copy keeps its class: a network's own kind of convolution may take its axes in another order.
    out = copy.deepcopy(head)
    if isinstance(out, torch.nn.Conv1d):
        out.out_channels = outputs
    else:
        out.out_features = outputs
    out.weight = torch.nn.Parameter(head.weight.new_empty(outputs, *head.weight.shape[1:]))
    if head.bias is not None:
        out.bias = torch.nn.Parameter(head.bias.new_empty(outputs))
    out.reset_parameters()
    return out


@contextmanager
def _trained(network: torch.nn.Module, which: Which) -> Iterator[None]:
    """Only the chosen parameters are trained; as before afterwards, and ready to predict."""
    head = head_of(network)
    there = dict(network.named_parameters())
    chosen = (
        set(there)
        if which == "all"
        else {*network.outer_parameters(), *(name for name in there if name.startswith(f"{head}."))}
    )
    if which not in ("outer", "all") or chosen - set(there):
        raise ValueError(f"which is {which!r}, outer or all; unknown parameters: {sorted(chosen - set(there))}")
    former = {name: value.requires_grad for name, value in there.items()}
    try:
        for name, value in there.items():
            value.requires_grad = name in chosen
        yield
    finally:
        network.eval()
        for name, value in there.items():
            value.requires_grad = former[name]


def _train_mode(network: torch.nn.Module) -> None:
    """Training mode, but for layers that keep statistics and have no parameter that is trained: theirs would drift."""
    network.train()
    for module in network.modules():
        trained = any(value.requires_grad for value in module.parameters(recurse=False))
        if not trained and any(True for _ in module.buffers(recurse=False)):
            module.training = False
