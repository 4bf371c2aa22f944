"""The state-space recurrence of Mamba-2 in plain tensor operations, for any device.

Dao and Gu 2024 (Transformers are SSMs, arXiv:2405.21060): inside a chunk the recurrence is one masked matrix, as
attention is (section 5, the quadratic form); a state carries it from chunk to chunk (section 6, the chunked algorithm).
"""

from __future__ import annotations

import torch


def state_space(
    x: torch.Tensor, dt: torch.Tensor, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, chunk: int = 64
) -> torch.Tensor:
    """Outputs y (B, T, H, P) of the recurrence h_t = exp(dt_t a) h_{t-1} + dt_t b_t x_t, y_t = c_t h_t, from h = 0.

    `x (B, T, H, P)` for H heads of P channels; `dt (B, T, H)` steps, positive; `a (H,)` decays, negative; `b, c
    (B, T, N)` to and from a state of N values per channel, the same for all heads. Work and memory grow with
    T times `chunk`; the chunk does not change the result.
    """
    state = None
    outputs = []
    for start in range(0, x.shape[1], chunk):
        at = slice(start, start + chunk)
        y, state = _chunk(x[:, at], dt[:, at], a, b[:, at], c[:, at], state, start + chunk >= x.shape[1])
        outputs.append(y)
    return torch.cat(outputs, dim=1)


def _chunk(
    x: torch.Tensor,
    dt: torch.Tensor,
    a: torch.Tensor,
    b: torch.Tensor,
    c: torch.Tensor,
    state: torch.Tensor | None,
    last: bool,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Outputs (B, L, H, P) of one chunk, and the state (B, H, N, P) after it from the state before it, None for zero.

    Most windows are one chunk, so that neither the state before it nor the one after the last is computed.
    """
    decay = (dt * a).transpose(1, 2)
    until = _until(decay)
    given = (x * dt.unsqueeze(3)).transpose(1, 2)
    y = ((c @ b.transpose(1, 2)).unsqueeze(1) * until) @ given
    since_start = decay.cumsum(2).exp().unsqueeze(3)
    if state is not None:
        y = y + since_start * (c.unsqueeze(1) @ state)
    if last:
        return y.transpose(1, 2), None
    added = b.transpose(1, 2).unsqueeze(1) @ (until[:, :, -1].unsqueeze(3) * given)
    return y.transpose(1, 2), added if state is None else since_start[:, :, -1:] * state + added


def _until(decay: torch.Tensor) -> torch.Tensor:
    """What is left at step i of what came in at step j <= i, (B, H, L, L), of logarithms of decay (B, H, L).

    Entry (i, j) is exp of the sum of the decays after j up to i. Summing them, instead of taking the difference of two
    cumulative sums, loses no digits and never overflows: no exponent is above zero.
    """
    length = decay.shape[2]
    ones = decay.new_ones(length, length)
    return (ones.tril() @ (decay.unsqueeze(3) * ones.tril(-1))).exp().tril()
