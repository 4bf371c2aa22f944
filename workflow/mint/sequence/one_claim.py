"""What one chunk proves about a claim that was made for its whole sequence holds for the other chunks too."""

from __future__ import annotations

from dataclasses import replace

from mint.core.status import Reason, StageError, StageStatus
from mint.sequence.outcome import Chunk, rejected
from mint.support.frame_rate import RATE_DOUBTFUL


def hold_together(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks; those that rest on what another one refutes are refused with its words.

    A frame rate belongs to the file, hence to all chunks: it is refuted where at least half of the chunks that feet
    carry say so. Where fewer do, their own motion may be what cannot be (cleaned or keyed by hand); the others are
    flagged. A declared belt may have stood still for a while: chunks in which the feet confirm it stay, those in which
    they do not tell go.
    """
    for reason in (Reason.FRAME_RATE, Reason.BELT_VELOCITY):
        refused = [(chunk.window.chunk, status) for chunk in chunks if (status := _refused(chunk))]
        proofs = [(number, status) for number, status in refused if status.reason is reason]
        if not proofs:
            continue
        if reason is Reason.FRAME_RATE and 2 * len(proofs) < len(proofs) + sum(_feet_carry(chunk) for chunk in chunks):
            chunks = [_doubted(chunk) for chunk in chunks]
            continue
        number, status = proofs[0]
        told = StageError(reason, f"chunk {number} of this sequence: {status.detail}", remedy=status.remedy)
        chunks = [rejected(chunk, told) if chunk.accepted and _rests_on(chunk, reason) else chunk for chunk in chunks]
    return chunks


def _feet_carry(chunk: Chunk) -> bool:
    support = chunk.bundles["support"]
    return support is not None and support.ok


def _doubted(chunk: Chunk) -> Chunk:
    """The same chunk with a flag about its frame rate, where stage support has judged it."""
    support = chunk.bundles["support"]
    if support is None or not support.ok:
        return chunk
    flags = list(dict.fromkeys([*support.meta.get("flags", []), RATE_DOUBTFUL]))
    marked = replace(support, meta={**support.meta, "flags": flags})
    return replace(chunk, bundles={**chunk.bundles, "support": marked})


def _refused(chunk: Chunk) -> StageStatus | None:
    """The words with which stage support itself refuses a chunk."""
    support = chunk.bundles["support"]
    own = support is not None and not support.ok and support.status.stage == "support"
    return support.status if support is not None and own else None


def _rests_on(chunk: Chunk, reason: Reason) -> bool:
    support = chunk.bundles["support"]
    return reason is Reason.FRAME_RATE or (support is not None and "belt_unconfirmed" in support.meta.get("flags", []))
