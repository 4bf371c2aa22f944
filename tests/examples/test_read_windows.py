"""examples/read_windows.py reads the windows that it says, and what it trains learns from them."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq

from mint.reader import MintReader
from tests.examples.conftest import Example

GOOD = "status == 'accepted' and faults.str.len() == 0"


def test_it_trains_on_the_windows_of_one_person_and_holds_the_other_out(dataset: Path, example: Example) -> None:
    done = example("read_windows.py", dataset, "--steps", "20")
    assert done.returncode == 0, done.stderr
    data = MintReader(dataset)
    counts = [
        len(data.windows(1.4, 20, stride_s=0.7, sequences=data.select(subject=subject), chunk_quality=GOOD))
        for subject in ("ada", "bo")
    ]
    assert min(counts) > 3
    assert f"{counts[0]} windows of 1 people to train on, {counts[1]} of KIT/bo held out" in done.stdout
    # Six components of the ground forces, and the moments of the hips and knees that the synthetic model has.
    assert "a window has 10 inputs and 80 muscles at 28 times" in done.stdout


def test_the_error_falls_and_is_told_for_the_person_held_out(dataset: Path, example: Example) -> None:
    done = example("read_windows.py", dataset)
    errors = [float(text) for text in re.findall(r"^step \d+: .* error (\S+)$", done.stdout, re.MULTILINE)]
    assert len(errors) == 6 and errors[-1] < 0.6 * errors[0], done.stdout + done.stderr
    [held_out] = re.findall(r"^KIT/bo: .* error (\S+)$", done.stdout, re.MULTILINE)
    # Bo's muscles do half of what the network has learned: it errs more than it does for ada.
    assert errors[-1] < float(held_out) < 1


def test_a_dataset_of_one_person_is_refused_in_words(dataset: Path, example: Example, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for path in dataset.iterdir():
        (alone / path.name).symlink_to(path)
    for name in ("sequences", "intervals"):
        rows = pq.read_table(dataset / f"{name}.parquet", filters=[("sequence_id", "=", "bo_walk")])
        (alone / f"{name}.parquet").unlink()
        pq.write_table(rows, alone / f"{name}.parquet")
    done = example("read_windows.py", alone)
    assert done.returncode == 1 and "take a dataset of two people or more" in done.stderr
    assert "Traceback" not in done.stderr
