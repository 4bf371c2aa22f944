"""One chunk's proof of a wrong claim holds for its sequence."""

from __future__ import annotations

from mint.core.bundle import Bundle
from mint.core.chunks import windows
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.sequence.one_claim import hold_together
from mint.sequence.outcome import Chunk
from mint.support.frame_rate import RATE_DOUBTFUL

RATE = Bundle(StageError(Reason.FRAME_RATE, "fits 30 Hz, stated 60 Hz", remedy="set it to 30").as_status("support"))


def chunks(*supports: Bundle, frames: int = 154) -> list[Chunk]:
    out = []
    for window, support in zip(windows(frames), supports, strict=True):
        status = StageStatus("merge", Status.ACCEPTED) if support.ok else support.status
        out.append(Chunk(window, {"support": support}, status))
    return out


def test_the_other_chunks_are_refused_with_the_same_words() -> None:
    good = Bundle(StageStatus("support"))
    found = hold_together(chunks(good, RATE))
    assert [chunk.status.reason for chunk in found] == [Reason.FRAME_RATE] * 2
    assert "chunk 1" in found[0].status.detail and "stated 60 Hz" in found[0].status.detail
    assert found[0].status.remedy == "set it to 30"


def test_a_rate_that_most_chunks_do_not_refute_costs_the_one_that_does_and_flags_the_others() -> None:
    good = Bundle(StageStatus("support"), meta={"flags": ["jump"]})
    carried = Bundle(StageError(Reason.CARRIED, "x").as_status("support"))
    found = hold_together(chunks(good, RATE, good, carried, frames=294))
    assert [chunk.accepted for chunk in found] == [True, False, True, False]
    flags = [bundle.meta.get("flags") for chunk in found if (bundle := chunk.bundles["support"])]
    assert flags == [["jump", RATE_DOUBTFUL], None, ["jump", RATE_DOUBTFUL], None]
    assert good.meta == {"flags": ["jump"]}
    found = hold_together(chunks(good, RATE, RATE, carried, frames=294))
    assert [chunk.status.reason for chunk in found] == [Reason.FRAME_RATE] * 3 + [Reason.CARRIED]


def test_other_refusals_stay_with_their_chunk() -> None:
    good = Bundle(StageStatus("support"))
    bad = Bundle(StageError(Reason.CARRIED, "x").as_status("support"))
    assert [chunk.accepted for chunk in hold_together(chunks(good, bad))] == [True, False]


def test_a_refuted_belt_costs_the_chunks_that_rest_on_it_and_none_that_confirm_it() -> None:
    belt = Bundle(StageError(Reason.BELT_VELOCITY, "belt_velocity_m_s is 1.2, feet say 0").as_status("support"))
    confirmed = Bundle(StageStatus("support"), meta={"flags": ["belt_declared"]})
    resting = Bundle(StageStatus("support"), meta={"flags": ["belt_declared", "belt_unconfirmed"]})
    found = hold_together(chunks(confirmed, resting, belt, frames=224))
    assert [chunk.accepted for chunk in found] == [True, False, False]
    assert found[1].status.reason is Reason.BELT_VELOCITY and "chunk 2" in found[1].status.detail
    assert all(chunk.accepted for chunk in hold_together(chunks(confirmed, resting)))
