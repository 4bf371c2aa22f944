"""Read windows of a dataset as batches, and train a small network on them for a few steps.

    python examples/read_windows.py results/dataset

The network estimates the activations of the leg muscles from ground forces and joint moments. It is too small to be
of any use; it is here to show how windows become batches of PyTorch.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler

from mint.reader import DataWindow, MintReader

GOOD = "status == 'accepted' and faults.str.len() == 0"  # no window touches a frame of another chunk
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
    legs = data.muscles().query("region == 'lower_limb'")["mint_column"].to_list()
    # A table without a list of columns gives all that it has. Windows have 1.4 s, 20 samples a second, every 0.7 s.
    columns = {"muscle_activations": legs, "grf": FORCES, "joint_moments": None}
    # Windows of one person resemble each other, so a person is held out, not a share of the windows.
    person = data.sequences["dataset"] + "/" + data.sequences["subject"]
    held_out = max(person)
    train, test = (
        data.windows(1.4, 20, 0.7, tables=list(columns), columns=columns, sequences=mask, chunk_quality=GOOD)
        for mask in (person != held_out, person == held_out)
    )
    print(f"{len(train)} windows of {person.nunique() - 1} people to train on, {len(test)} of {held_out} held out")
    if not (len(train) and len(test)):
        raise SystemExit("Both parts need windows: take a dataset of two people or more.")

    torch.manual_seed(0)
    channels, samples = batch([train[0]])[0].shape[1:]
    print(f"a window has {channels} inputs and {len(legs)} muscles at {samples} times")
    network = nn.Sequential(
        nn.BatchNorm1d(channels),  # newtons and newton metres become numbers of order 1
        nn.Conv1d(channels, 64, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.Conv1d(64, len(legs), kernel_size=5, padding=2),
        nn.Sigmoid(),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    # Windows in random order, as many as the steps need.
    sampler = RandomSampler(train, replacement=True, num_samples=16 * asked.steps)
    for step, (inputs, targets) in enumerate(DataLoader(train, 16, sampler=sampler, collate_fn=batch), start=1):
        loss = nn.functional.mse_loss(network(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step == 1 or step % 10 == 0:
            print(f"step {step}: root-mean-square error {loss.item() ** 0.5:.4f}")

    inputs, targets = batch(list(test))
    error = nn.functional.mse_loss(network.eval()(inputs), targets)
    print(f"{held_out}: root-mean-square error {error.item() ** 0.5:.4f}")


if __name__ == "__main__":
    main()
