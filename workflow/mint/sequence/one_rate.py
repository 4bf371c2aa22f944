"""A frame rate belongs to the file: what one chunk proves about it holds for all chunks of the sequence."""

from __future__ import annotations

from mint.core.status import Reason, StageError
from mint.sequence.outcome import Chunk, rejected


def same_rate(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks; where one was refused for its frame rate, the others are refused with its words."""
    proof = next((chunk for chunk in chunks if (support := chunk.bundles["support"]) is not None
                  and support.status.stage == "support" and support.status.reason is Reason.FRAME_RATE), None)
    if proof is None or (support := proof.bundles["support"]) is None:
        return chunks
    told = StageError(Reason.FRAME_RATE, f"chunk {proof.window.chunk} of this sequence: {support.status.detail}",
                      remedy=support.status.remedy)
    return [rejected(chunk, told) if chunk.accepted else chunk for chunk in chunks]
