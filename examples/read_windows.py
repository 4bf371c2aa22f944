"""Read windows of a dataset as batches, and train a small network on them for a few steps.

    python examples/read_windows.py results/dataset

The network estimates the activations of the leg muscles from ground forces and joint moments. It is too small, and
trained for too short a time, to be of any use; it is here to show how windows become batches of PyTorch.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mint.reader import DataWindow, MintReader

# Frames of chunks that do not meet this count as missing, so that no window touches them.
GOOD = "status == 'accepted' and faults.str.len() == 0"
INPUTS = ("grf", "joint_moments")
# Centres of pressure are left out: they are NaN while a foot has no contact.
FORCES = [f"ground_force_{foot}_v{axis}" for foot in ("right", "left") for axis in "xyz"]


def batch(windows: list[DataWindow]) -> tuple[Tensor, Tensor]:
    """Inputs and activations of some windows, each (windows, channels, samples)."""
    inputs = [torch.cat([torch.from_numpy(window.arrays[name]) for name in INPUTS], dim=1).T for window in windows]
    targets = [torch.from_numpy(window.arrays["muscle_activations"]).T for window in windows]
    return torch.stack(inputs), torch.stack(targets)


def main() -> None:
    """Read the windows of all people but one, train on them, and look how far the network is off for that one."""
    parser = argparse.ArgumentParser(description="Read windows of a dataset and train a small network on them.")
    parser.add_argument("dataset", type=Path, help="folder `dataset` of the results, or a release")
    parser.add_argument("--steps", type=int, default=50, help="batches to train on")
    asked = parser.parse_args()

    data = MintReader(asked.dataset)
    muscles = data.muscles()
    legs = list(muscles.loc[muscles["region"] == "lower_limb", "mint_column"])
    # Windows of one person resemble each other, so a person is held out, not a share of the windows.
    person = data.sequences["dataset"] + "/" + data.sequences["subject"]
    held_out = max(person)
    train, test = (
        data.windows(
            duration_s=1.4,
            rate_hz=20,
            stride_s=0.7,
            tables=["muscle_activations", *INPUTS],
            columns={"muscle_activations": legs, "grf": FORCES},
            sequences=mask,
            chunk_quality=GOOD,
        )
        for mask in (person != held_out, person == held_out)
    )
    print(f"{len(train)} windows of {person.nunique() - 1} people to train on, {len(test)} of {held_out} held out")
    if not (len(train) and len(test)):
        raise SystemExit("Both parts need windows: take a dataset of two people or more.")

    torch.manual_seed(0)
    batches: Iterator[tuple[Tensor, Tensor]] = chain.from_iterable(
        repeat(DataLoader(train, batch_size=16, shuffle=True, collate_fn=batch))
    )
    channels = next(batches)[0].shape[1]
    print(f"a window has {channels} inputs and {len(legs)} muscles at {len(train[0].times)} times")
    network = nn.Sequential(
        nn.BatchNorm1d(channels),  # newtons and newton metres become numbers of order 1
        nn.Conv1d(channels, 64, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.Conv1d(64, len(legs), kernel_size=5, padding=2),
        nn.Sigmoid(),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for step in range(1, asked.steps + 1):
        inputs, targets = next(batches)
        loss = nn.functional.mse_loss(network(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in (1, asked.steps) or step % 10 == 0:
            print(f"step {step}: root-mean-square error {loss.item() ** 0.5:.4f}")

    inputs, targets = batch(list(test))
    with torch.no_grad():
        error = nn.functional.mse_loss(network.eval()(inputs), targets).item() ** 0.5
    print(f"{held_out}: root-mean-square error {error:.4f}")


if __name__ == "__main__":
    main()
