"""One training loop for all networks, in iterations; a run that was killed goes on to the same numbers.

A plain loop: what Lightning would add (devices, logging, callbacks) is more code than this, and its checkpoints are
pickles, which nobody should have to trust. Batches and dropout of an iteration follow from seed and iteration alone, so
that nothing but network, optimizer and history needs to be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.learning.benchmark.budget import Budget
from mint.learning.benchmark.losses import Loss
from mint.learning.networks.network import Network, parameter_count
from mint.learning.training import arrays_of, load_arrays
from mint.learning.weights import below, read_weights, write_weights

Array = NDArray[Any]
# Windows (B, T, D) and activations (B, T, C), NaN where missing, of an iteration.
Batches = Callable[[np.random.Generator], tuple[torch.Tensor, torch.Tensor]]
# Errors of the network as it stands, the first of which decides which state is kept.
Look = Callable[[Network], dict[str, float]]
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
STATE = "state"


@dataclass(frozen=True)
class Optimizer:
    """AdamW as published (Schneider et al. 2024, section 4.1): betas 0.9 and 0.99, no weight decay, the rate times 0.05
    after two thirds; with `cosine` it falls to zero along half a cosine instead."""

    rate: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.99)
    decay: float = 0.0
    cosine: bool = False
    largest_gradient: float = 0.0

    def rate_at(self, iteration: int, budget: Budget) -> float:
        """Learning rate of an iteration, counted from 0."""
        rate = self.rate * min(1.0, (iteration + 1) / budget.warm_up)
        if self.cosine:
            return rate * 0.5 * (1 + float(np.cos(np.pi * iteration / budget.iterations)))
        return rate * (0.05 if iteration >= 2 * budget.iterations // 3 else 1.0)


@dataclass
class State:
    """Where a training is: numbers that are learned, iterations done, history of looks, the best error and the
    parameters that had it."""

    parameters: int = 0
    iteration: int = 0
    history: dict[str, list[float]] = field(default_factory=dict)
    best: float = float("inf")
    best_iteration: int = 0
    kept: dict[str, Array] = field(default_factory=dict)

    def told(self) -> Array:
        """All but the parameters, as JSON in bytes."""
        return np.frombuffer(
            json.dumps({name: value for name, value in vars(self).items() if name != "kept"}).encode(), dtype=np.uint8
        )

    @classmethod
    def of(cls, told: Array, kept: dict[str, Array]) -> State:
        """From what `told` gives, and the parameters."""
        return cls(**json.loads(bytes(told).decode()), kept=kept)


def train(
    network: Network,
    batches: Batches,
    look: Look,
    spread: torch.Tensor,
    loss: Loss,
    optimizer: Optimizer,
    budget: Budget,
    seed: int,
    checkpoint: Path | None = None,
    given: str = "",
) -> State:
    """Train a network for `budget`, leave the parameters of the best look in it, and say how it went.

    `spread (C,)` of the activations. With a `checkpoint` the state is written at every look; one that was learned from
    the same (`given`) is gone on from, to the same numbers as without an interruption on the same machine.
    """
    device = spread.device
    adam = torch.optim.AdamW(
        network.parameters(), lr=optimizer.rate, betas=optimizer.betas, weight_decay=optimizer.decay
    )
    state = _restored(checkpoint, given, network, adam) or State(parameter_count(network))
    running: list[float] = []
    while state.iteration < budget.iterations:
        number = state.iteration
        torch.manual_seed(seed * 1_000_003 + number)
        inputs, target = batches(np.random.default_rng([seed, number]))
        for group in adam.param_groups:
            group["lr"] = optimizer.rate_at(number, budget)
        network.train()
        value = loss.of(network(inputs.to(device)), target.to(device), spread) + network.penalty()
        adam.zero_grad()
        value.backward()
        if optimizer.largest_gradient:
            torch.nn.utils.clip_grad_norm_(network.parameters(), optimizer.largest_gradient)
        adam.step()
        running.append(float(value.detach()))
        state.iteration += 1
        if state.iteration % budget.look_every == 0 or state.iteration == budget.iterations:
            network.eval()
            errors = {"iteration": float(state.iteration), "loss": float(np.mean(running)), **look(network)}
            running.clear()
            for name, seen in errors.items():
                state.history.setdefault(name, []).append(seen)
            error = next(seen for name, seen in errors.items() if name not in ("iteration", "loss"))
            if error < state.best:
                state.best, state.best_iteration, state.kept = error, state.iteration, arrays_of(network)
            if not np.isfinite(errors["loss"]):
                break  # it will not come back; what was best before is kept
            _keep(checkpoint, given, network, adam, state)
    if state.kept:
        load_arrays(network, state.kept)
    network.eval()
    return state


def _keep(path: Path | None, given: str, network: Network, adam: torch.optim.Optimizer, state: State) -> None:
    """Write what is needed to go on."""
    if path is None:
        return
    arrays = {f"network.{name}": value for name, value in arrays_of(network).items()}
    arrays |= {f"kept.{name}": value for name, value in state.kept.items()}
    for number, moments in adam.state_dict()["state"].items():
        arrays |= {f"adam.{number}.{name}": moments[name].detach().cpu().numpy() for name in _MOMENTS}
    write_weights(path, arrays | {STATE: state.told()}, given)


def _restored(path: Path | None, given: str, network: Network, adam: torch.optim.Optimizer) -> State | None:
    """The state of a checkpoint, put into network and optimizer; None without a fitting one."""
    arrays = None if path is None else read_weights(path, given)
    if arrays is None:
        return None
    load_arrays(network, below("network.", arrays))
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in below("adam.", arrays).items():
        number, _, moment = name.partition(".")
        moments.setdefault(int(number), {})[moment] = torch.tensor(value)
    adam.load_state_dict({"state": moments, "param_groups": adam.state_dict()["param_groups"]})
    return State.of(arrays[STATE], below("kept.", arrays))
