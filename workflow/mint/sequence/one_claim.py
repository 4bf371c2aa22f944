"""What one chunk proves about a claim that was made for its whole sequence holds for the other chunks too."""

from __future__ import annotations

from mint.core.status import Reason, StageError, StageStatus
from mint.sequence.outcome import Chunk, rejected


def hold_together(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks; those that rest on what another one refutes are refused with its words.

    A frame rate belongs to the file, hence to all chunks. A declared belt may have stood still for a while: chunks in
    which the feet confirm it stay, those in which they do not tell go.
    """
    for reason in (Reason.FRAME_RATE, Reason.BELT_VELOCITY):
        refused = [(chunk.window.chunk, status) for chunk in chunks if (status := _refused(chunk))]
        proofs = [(number, status) for number, status in refused if status.reason is reason]
        if not proofs:
            continue
        number, status = proofs[0]
        told = StageError(reason, f"chunk {number} of this sequence: {status.detail}", remedy=status.remedy)
        chunks = [rejected(chunk, told) if chunk.accepted and _rests_on(chunk, reason) else chunk for chunk in chunks]
    return chunks


def _refused(chunk: Chunk) -> StageStatus | None:
    """The words with which stage support itself refuses a chunk."""
    support = chunk.bundles["support"]
    own = support is not None and not support.ok and support.status.stage == "support"
    return support.status if support is not None and own else None


def _rests_on(chunk: Chunk, reason: Reason) -> bool:
    support = chunk.bundles["support"]
    return reason is Reason.FRAME_RATE or (support is not None and "belt_unconfirmed" in support.meta.get("flags", []))
