"""One chunk's proof of a wrong frame rate holds for its sequence."""

from __future__ import annotations

from mint.core.bundle import Bundle
from mint.core.chunks import windows
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.sequence.one_rate import same_rate
from mint.sequence.outcome import Chunk

RATE = Bundle(StageError(Reason.FRAME_RATE, "fits 30 Hz, stated 60 Hz", remedy="set it to 30").as_status("support"))


def chunks(*supports: Bundle) -> list[Chunk]:
    out = []
    for window, support in zip(windows(154), supports, strict=True):
        status = StageStatus("merge", Status.ACCEPTED) if support.ok else support.status
        out.append(Chunk(window, {"support": support}, status))
    return out


def test_the_other_chunks_are_refused_with_the_same_words() -> None:
    good = Bundle(StageStatus("support"))
    found = same_rate(chunks(good, RATE))
    assert [chunk.status.reason for chunk in found] == [Reason.FRAME_RATE] * 2
    assert "chunk 1" in found[0].status.detail and "stated 60 Hz" in found[0].status.detail
    assert found[0].status.remedy == "set it to 30"


def test_other_refusals_stay_with_their_chunk() -> None:
    good = Bundle(StageStatus("support"))
    bad = Bundle(StageError(Reason.CARRIED, "x").as_status("support"))
    assert [chunk.accepted for chunk in same_rate(chunks(good, bad))] == [True, False]
