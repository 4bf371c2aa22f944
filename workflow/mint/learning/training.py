"""One training loop for all networks: seeded batches, masked squared error, Adam; the same numbers on every run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_RECORDED = 50


@dataclass(frozen=True)
class Schedule:
    """Epochs, the most samples of a batch, learning rate, and the most steps (0: any number): with many samples there
    are fewer epochs."""

    epochs: int
    batch: int
    rate: float
    most_steps: int = 0

    def epochs_of(self, samples: int) -> int:
        """Epochs for so many samples."""
        batches = -(-samples // self.batch)
        return min(self.epochs, -(-self.most_steps // batches)) if self.most_steps else self.epochs


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """One thread, deterministic algorithms, every random number from a seed; as before afterwards.

    On a GPU some operations have no deterministic way: there torch warns, and numbers may differ in their last digits.
    """
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    # cuBLAS is deterministic with a workspace of a fixed size only, and reads this when it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(False)
        torch.random.set_rng_state(state)


def seed_of(*parts: Any) -> int:
    """A seed for each use, the same wherever and in whatever order it is asked for."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "little")


def tensor(values: Any) -> torch.Tensor:
    """Values as a float32 tensor of its own."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def squared_error(output: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted mean squared error (G,) of each group: `output`, `target (G, B, S)`, `weight (G, B)`."""
    error = ((output - target) ** 2).mean(dim=2)
    return (weight * error).sum(dim=1) / weight.sum(dim=1).clamp(min=1e-9)


def train(
    network: torch.nn.Module,
    inputs: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
    schedule: Schedule,
    watched: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None,
) -> dict[str, Floats]:
    """Train G networks side by side, and say how their errors went.

    `inputs (G, B, ...)`, `target (G, B, S)`, `weight (G, B)`; `watched` are such three of cycles that are not learned
    from. Returns `epoch (k,)`, `train (k, G)` and, where something is watched, `watched (k, G)` at up to fifty epochs:
    mean squared errors after these epochs.
    """
    # Each group has its own parameters, so that Adam's steps of one do not depend on the others.
    optimizer = torch.optim.Adam(network.parameters(), lr=schedule.rate)
    count = inputs.shape[1]
    epochs = schedule.epochs_of(count)
    every = max(1, epochs // _RECORDED)
    seen: dict[str, list[Floats]] = {"epoch": [], "train": [], **({"watched": []} if watched else {})}
    for epoch in range(1, epochs + 1):
        network.train()
        for rows in torch.randperm(count).split(schedule.batch):
            loss = squared_error(network(inputs[:, rows]), target[:, rows], weight[:, rows])
            optimizer.zero_grad()
            loss.sum().backward()
            optimizer.step()
        if epoch % every == 0 or epoch == epochs:
            seen["epoch"].append(np.array(epoch))
            for name, given in (("train", (inputs, target, weight)), *((("watched", watched),) if watched else ())):
                seen[name].append(error_of(network, *given))
    return {name: np.array(values) for name, values in seen.items()}


def error_of(network: torch.nn.Module, inputs: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> Floats:
    """Mean squared error (G,) as it stands; NaN of a group whose weights are all zero."""
    network.eval()
    with torch.no_grad():
        found = np.asarray(squared_error(network(inputs), target, weight), dtype=float)
    return np.where(np.asarray(weight.sum(dim=1)) > 0, found, np.nan)


def arrays_of(network: torch.nn.Module) -> dict[str, NDArray[Any]]:
    """All parameters by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()}


def load_arrays(network: torch.nn.Module, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Parameters of a network from arrays of `arrays_of`; other names or shapes raise RuntimeError."""
    network.load_state_dict({name: torch.tensor(np.asarray(value)) for name, value in arrays.items()})
