"""A result is kept only if it would come out again, and nobody has asked for it anew (real rules, toys for the stages)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.cluster.campaign import Campaign


def chunks(campaign: Campaign, stage: str, batch: str = "") -> Counter[str]:
    """Chunks of a batch, or of all, as the diary names them for a stage."""
    return Counter(
        f"{stage} {name}"
        for each, names in campaign.batches()["chunks"].items()
        for name in names
        if each.startswith(batch)
    )


def new(campaign: Campaign, before: Campaign) -> Counter[str]:
    """What was computed since."""
    return campaign.computed() - before.computed()


@pytest.mark.parametrize(
    ("arguments", "batch"),
    [
        (["--forcerun", "trunk"], ""),
        (["--forcerun", "results/batches/D-two.000/trunk.json"], "D-two.000"),
        (["results/batches/D-two.000/trunk.json", "--force"], "D-two.000"),
    ],
)
def test_forced_jobs_compute_all_their_members_once(
    finished: Campaign, undisturbed: Campaign, arguments: list[str], batch: str
) -> None:
    finished.finish(None, *arguments)
    forced = chunks(finished, "trunk", batch)
    assert forced and new(finished, undisturbed) == forced
    finished.finish(None)
    assert new(finished, undisturbed) == forced
    assert finished.dataset() == undisturbed.dataset()


def test_another_setting_of_a_stage_computes_that_stage_of_its_jobs_alone(
    finished: Campaign, undisturbed: Campaign
) -> None:
    records = {path: path.read_text() for path in (finished.folder / "results/batches").glob("*/*.json")}
    finished.configure({"verify.residual_force_percent": 4.0})
    finished.finish(None)
    assert new(finished, undisturbed) == chunks(finished, "verify")
    changed = {path.name for path, text in records.items() if path.read_text() != text}
    assert changed == {"verify.json"}  # the toy's results are the same, hence all that is made from them
    assert finished.planned() == Counter()


def test_forceall_computes_everything_once(finished: Campaign, undisturbed: Campaign) -> None:
    finished.finish(None, "--forceall")
    assert set(finished.computed()) == finished.members() and set(finished.computed().values()) == {2}
    assert finished.dataset() == undisturbed.dataset()


def test_a_forced_job_that_dies_goes_on_where_it_was(finished: Campaign, undisturbed: Campaign) -> None:
    """The child of the last member is killed with its job: the second try computes it alone."""
    batch = finished.batches()["chunks"]["D-one.000"]
    assert len(batch) > 1
    finished.fault("trunk", batch[-1], "die")
    finished.finish(None, "--forcerun", "results/batches/D-one.000/trunk.json", "--retries", "1")
    assert finished.has_begun("trunk", batch[-1])
    assert new(finished, undisturbed) == Counter(f"trunk {name}" for name in batch)


def test_another_version_of_a_package_computes_what_is_computed_with_it(
    finished: Campaign, undisturbed: Campaign
) -> None:
    finished.pretend_version("clarabel", "99.0")
    assert finished.planned()["chunks"] == len(finished.batches()["chunks"])
    finished.finish(None)
    assert new(finished, undisturbed) == chunks(finished, "trunk")
    assert finished.planned() == Counter()
