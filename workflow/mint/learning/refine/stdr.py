"""STDR-Net: sequence to sequence with Luong's attention, over time or over muscles.

Teramae et al. 2025 (doi:10.3389/fbioe.2025.1611414), section 3: an encoder and a decoder of recurrent units with global
attention (Luong, Pham and Manning 2015). Its code is not public where it could be read; what the paper leaves open is
decided here: units are LSTM, the score is Luong's `general` one, the decoder is fed its own last output and attentional
vector, a quarter of a cycle is a quarter of its samples, and attention over muscles has one token per muscle, which is
its whole cycle.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from mint.config.refine import Preset, RefineConfig
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.method import Array, History, Method, by_person, known
from mint.learning.training import Schedule, arrays_of, load_arrays, reproducible, tensor, train

_HIDDEN: dict[Preset, int] = {"paper": 700, "fast": 48, "test": 8}
_SCHEDULE: dict[Preset, Schedule] = {
    "paper": Schedule(700, 1, 1e-3),
    "fast": Schedule(300, 64, 5e-3, 3000),
    "test": Schedule(30, 64, 1e-2, 30),
}
QUARTERS = 4


class StdrNet(nn.Module):
    """G networks of one shape, side by side: tokens (G, B, T, I) to a sequence (G, B, S).

    Every parameter has a leading axis of groups; one group never sees another.
    """

    def __init__(self, groups: int, width: int, hidden: int, samples: int) -> None:
        super().__init__()
        self.samples, self.hidden = samples, hidden
        self.encoder = _Cells(groups, width, hidden)
        self.decoder = _Cells(groups, 1 + hidden, hidden)
        self.score = _Linear(groups, hidden, hidden)
        self.combine = _Linear(groups, 2 * hidden, hidden)
        self.output = _Linear(groups, hidden, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Sequences (G, B, S)."""
        return self.attended(tokens)[0]

    def attended(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Sequences, and how much each sample attends to each token, (G, B, S, T)."""
        groups, batch = tokens.shape[:2]
        state = (tokens.new_zeros(groups, batch, self.hidden),) * 2
        seen = []
        given = self.encoder.given(tokens)
        for t in range(tokens.shape[2]):
            state = self.encoder.step(given[:, :, t], state)
            seen.append(state[0])
        memory = torch.stack(seen, dim=2)
        keys = self.score(memory.flatten(1, 2)).view_as(memory)
        last, vector = tokens.new_zeros(groups, batch, 1), tokens.new_zeros(groups, batch, self.hidden)
        outputs, weights = [], []
        for _ in range(self.samples):
            state = self.decoder(torch.cat([last, vector], dim=2), state)
            share = torch.softmax(torch.einsum("gbth,gbh->gbt", keys, state[0]), dim=2)
            context = torch.einsum("gbt,gbth->gbh", share, memory)
            vector = torch.tanh(self.combine(torch.cat([context, state[0]], dim=2)))
            last = self.output(vector)
            outputs.append(last)
            weights.append(share)
        return torch.cat(outputs, dim=2), torch.stack(weights, dim=2)


class _Linear(nn.Module):
    """G linear maps, (G, B, I) to (G, B, O), started as PyTorch starts one."""

    def __init__(self, groups: int, width: int, out: int) -> None:
        super().__init__()
        bound = width**-0.5
        self.weight = nn.Parameter(torch.empty(groups, width, out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(groups, 1, out).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class _Cells(nn.Module):
    """G LSTM cells (Hochreiter and Schmidhuber 1997), with a gate of forgetting."""

    def __init__(self, groups: int, width: int, hidden: int) -> None:
        super().__init__()
        bound = hidden**-0.5
        self.of_input = nn.Parameter(torch.empty(groups, width, 4 * hidden).uniform_(-bound, bound))
        self.of_state = nn.Parameter(torch.empty(groups, hidden, 4 * hidden).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(groups, 1, 4 * hidden).uniform_(-bound, bound))

    def given(self, tokens: torch.Tensor) -> torch.Tensor:
        """What the inputs of all steps (G, B, T, I) give to the gates, (G, B, T, 4 H)."""
        flat = torch.baddbmm(self.bias, tokens.flatten(1, 2), self.of_input)
        return flat.view(*tokens.shape[:3], -1)

    def step(self, given: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Output and memory after a step."""
        gates = torch.baddbmm(given, state[0], self.of_state)
        taken, kept, new, shown = gates.chunk(4, dim=2)
        memory = torch.sigmoid(kept) * state[1] + torch.sigmoid(taken) * torch.tanh(new)
        return torch.sigmoid(shown) * torch.tanh(memory), memory

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        return self.step(torch.baddbmm(self.bias, x, self.of_input), state)


class Stdr(Method):
    """STDR-Net of every channel, each with its own network."""

    source = "Teramae et al. 2025"

    def __init__(self, config: RefineConfig) -> None:
        super().__init__(config)
        self.network: StdrNet | None = None

    def tokens(self, cycles: Cycles) -> torch.Tensor:
        """Inputs (C, N, T, I)."""
        return tensor(cycles.own.transpose(2, 0, 1)[..., None])

    def _targets(self, cycles: Cycles) -> torch.Tensor:
        return tensor(np.nan_to_num(cycles.measured).transpose(2, 0, 1))

    def _weights(self, cycles: Cycles) -> torch.Tensor:
        """Every person counts the same; every cycle, as published, in the preset of the paper."""
        weights = known(cycles.measured) if self.preset == "paper" else by_person(cycles) * len(cycles)
        return tensor(weights.T)

    def _built(self, channels: int, samples: int) -> StdrNet:
        return StdrNet(channels, self.width_of(samples), _HIDDEN[self.preset], samples)

    def width_of(self, samples: int) -> int:
        """Size of a token."""
        return 1

    def fit(self, train_on: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """All channels side by side, by the schedule of the preset."""
        with reproducible(seed):
            target = self._targets(train_on)
            self.network = self._built(len(train_on.channels), target.shape[2])
            given = None if watched is None else (self.tokens(watched), self._targets(watched), self._weights(watched))
            return History(
                train(
                    self.network, self.tokens(train_on), target, self._weights(train_on), _SCHEDULE[self.preset], given
                )
            )

    def refined(self, cycles: Cycles) -> Floats:
        """Refined activity."""
        return self.attended(cycles)[0]

    def attended(self, cycles: Cycles) -> tuple[Floats, Floats]:
        """Refined activity, and the attention (N, C, S, T) of each sample to each token."""
        assert self.network is not None
        with reproducible(0), torch.no_grad():
            output, weights = self.network.eval().attended(self.tokens(cycles))
        return np.maximum(output.numpy().astype(float).transpose(1, 2, 0), 0), weights.numpy().swapaxes(0, 1)

    def state(self) -> dict[str, Array]:
        """Parameters of all networks."""
        assert self.network is not None
        return arrays_of(self.network)

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        groups, width, _ = state["encoder.of_input"].shape
        self.network = StdrNet(groups, width, _HIDDEN[self.preset], self.samples_of(self.config.samples))
        load_arrays(self.network, state)

    def samples_of(self, samples: int) -> int:
        """Samples of a sequence of which a cycle has so many."""
        return samples


class OneEntire(Stdr):
    """The whole cycle of the channel's own activation, attention over time."""

    name, title = "stdr_one_entire", "STDR-Net, one muscle, entire cycle"


class OneQuarter(Stdr):
    """Each quarter of the cycle for itself, attention over time."""

    name, title = "stdr_one_quarter", "STDR-Net, one muscle, quarter of the cycle"

    def tokens(self, cycles: Cycles) -> torch.Tensor:
        """Quarters (C, 4 N, S / 4, 1)."""
        return _quartered(super().tokens(cycles)[..., 0])[..., None]

    def _targets(self, cycles: Cycles) -> torch.Tensor:
        return _quartered(super()._targets(cycles))

    def _weights(self, cycles: Cycles) -> torch.Tensor:
        return super()._weights(cycles).repeat_interleave(QUARTERS, dim=1)

    def samples_of(self, samples: int) -> int:
        """A quarter of them."""
        return samples // QUARTERS

    def attended(self, cycles: Cycles) -> tuple[Floats, Floats]:
        """The quarters in a row; attention (4 N, C, S / 4, S / 4)."""
        output, weights = super().attended(cycles)
        return output.reshape(len(cycles), -1, output.shape[2]), weights


def _quartered(values: torch.Tensor) -> torch.Tensor:
    return values.reshape(values.shape[0], -1, values.shape[2] // QUARTERS)


class AllEntire(Stdr):
    """The whole cycle of all muscles, attention over muscles."""

    name, title = "stdr_all_entire", "STDR-Net, all muscles, entire cycle"

    def tokens(self, cycles: Cycles) -> torch.Tensor:
        """A token per muscle, its cycle: (C, N, M, S), the same for each channel."""
        return tensor(cycles.simulated.transpose(0, 2, 1))[None].expand(len(cycles.channels), -1, -1, -1)

    def width_of(self, samples: int) -> int:
        """A cycle."""
        return samples


STDR = (OneQuarter, OneEntire, AllEntire)
