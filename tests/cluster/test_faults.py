"""What happens to files: damaged, gone, with the time of another clock, on a full disk. One command goes on from there."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.cli.progress import finished, planned
from tests.cluster.campaign import RESUME, Campaign, kill_below


def test_damaged_and_lost_files_are_made_again_and_nothing_else(finished: Campaign, undisturbed: Campaign) -> None:
    chunks = finished.folder / "results/sequences/a/chunks/001"
    (chunks / "trajectory.npz").write_bytes((chunks / "trajectory.npz").read_bytes()[:200])
    (finished.folder / "results/sequences/c/body.npz").unlink()
    (finished.folder / "results/subjects/D-three/muscle_paths.npz").write_bytes(b"")
    finished.finish(None, RESUME)
    assert finished.computed() - undisturbed.computed() == Counter(
        ["trajectory a/001", "body c", "scale D-two", "muscle_paths D-two", "emg_scale D-two", "muscle_paths D-three"]
    )
    assert finished.dataset() == undisturbed.dataset()


def test_a_lost_record_computes_nothing_and_comes_back(finished: Campaign, undisturbed: Campaign) -> None:
    record = finished.folder / "results/batches/D-one.000/ik.json"
    content = record.read_text()
    record.unlink()
    finished.finish(None, RESUME)
    assert record.read_text() == content and finished.computed() == undisturbed.computed()


def test_damage_of_what_is_planned_no_more_stops_nobody(finished: Campaign) -> None:
    table = finished.folder / "config/sequences.tsv"
    table.write_text(
        "".join(line for line in table.read_text().splitlines(keepends=True) if not line.startswith("d\t"))
    )
    for path in (finished.folder / "results/sequences/d").rglob("ik.npz"):
        path.unlink()
    finished.finish(None, RESUME)


def test_a_clock_that_is_off_by_two_minutes_computes_nothing(finished: Campaign, undisturbed: Campaign) -> None:
    for path in (finished.folder / "workflow").rglob("*"):
        os.utime(path, (path.stat().st_mtime - 3600,) * 2)  # the workflow is not as new as its results are here
    for number, path in enumerate(sorted((finished.folder / "results").rglob("*"))):
        if path.is_file():
            time_s = path.stat().st_mtime + (120 if number % 2 else -120)
            os.utime(path, (time_s, time_s))
    assert finished.planned() == Counter()
    finished.finish(None, RESUME)
    assert finished.computed() == undisturbed.computed()


def test_a_living_run_is_not_disturbed(finished: Campaign) -> None:
    finished.add_sequence("e", "two", frames=300)
    finished.fault("merge", "e", "hang")
    run = finished.start(None)
    try:
        finished.wait_for(lambda: finished.has_begun("merge", "e"), "the run hangs")
        second = finished.start(None, RESUME)
        assert second.wait(timeout=120) == 2, finished.log()
        assert "still runs the workflow in this folder" in finished.log()
    finally:
        run.kill()
        run.wait()
        kill_below(finished.folder)
    finished.finish(None, RESUME)
    # The largest EMG of a person is asked of one more sequence.
    assert {name: times for name, times in finished.computed().items() if times > 1} == {"emg_scale D-two": 2}
    assert finished.computed()["merge e"] == 1


def test_progress_counts_every_result_once(undisturbed: Campaign) -> None:
    results = undisturbed.folder / "results"
    plan = planned(results)
    assert finished(results, list(plan)) == plan and sum(plan.values()) == len(undisturbed.members())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here (needs root)")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_costs_no_result(undisturbed: Campaign, small_disk: Path) -> None:
    campaign = Campaign(small_disk / "checkout")
    ballast = small_disk / "ballast"
    filled = False

    def fill() -> bool:
        """Leave nothing once the first trajectory is finished, which its trace says."""
        nonlocal filled
        if not filled and any((campaign.folder / "results").rglob("trajectory.made.json")):
            with ballast.open("wb", buffering=0) as handle:  # what does not fit may not wait for the end of the file
                try:
                    while True:
                        handle.write(bytes(2**16))
                except OSError:
                    filled = True
        return filled

    run = campaign.start(None)
    campaign.wait_for(lambda: fill() or run.poll() is not None, "the disk is full")
    assert filled and run.wait(timeout=300) != 0
    ballast.unlink()
    finished = campaign.finished()
    assert any(name.startswith("trajectory") for name in finished)
    campaign.finish(None, RESUME)
    assert campaign.dataset() == undisturbed.dataset()
    # What was under way when the disk filled is made again; of what was finished, nothing.
    assert max(campaign.computed()[name] for name in finished) == 1
