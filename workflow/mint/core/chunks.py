"""Chunk arithmetic in integer frames at 50 frames/s: the only place that knows 7, 70 and 84."""

from __future__ import annotations

from dataclasses import dataclass

FRAME_RATE_HZ = 50
BUFFER_FRAMES = 7  # 0.14 s, Muscles in Time, section A.3
KEEP_FRAMES = 70  # 1.4 s
MESH_INTERVALS = KEEP_FRAMES + 2 * BUFFER_FRAMES  # 84 intervals, 85 nodes, 1.68 s
MIN_FRAMES = 30  # 0.6 s


def time_s(frame: int) -> float:
    """Time of a frame, s: rounded from the integer, never accumulated."""
    return round(frame / FRAME_RATE_HZ, 2)


def frame_count(duration_s: float) -> int:
    """Index of the last 50 Hz frame within a motion that lasts `duration_s`."""
    return int(duration_s * FRAME_RATE_HZ + 1e-6)


@dataclass(frozen=True)
class Window:
    """Frames of one chunk: solves nodes [start, stop], keeps frames [keep_start, keep_stop)."""

    chunk: int
    start: int
    stop: int
    keep_start: int
    keep_stop: int

    @property
    def nodes(self) -> int:
        """Nodes of the transcription: one more than mesh intervals."""
        return self.stop - self.start + 1

    @property
    def t_start_s(self) -> float:
        """Time of the first node, s."""
        return time_s(self.start)

    @property
    def t_end_s(self) -> float:
        """Time of the last node, s."""
        return time_s(self.stop)


def windows(last_frame: int, first_frame: int = 0) -> list[Window]:
    """Windows of a sequence whose 50 Hz frames are first_frame .. last_frame; empty if shorter than 0.6 s.

    A sequence that does not end on a window's end gets its last window slid back to full length. It keeps
    what the one before it does not, so every kept frame belongs to one chunk.
    """
    if last_frame - first_frame < MIN_FRAMES:
        return []
    latest = max(last_frame - MESH_INTERVALS, first_frame)
    out = []
    for chunk in range(1 + -(-(latest - first_frame) // KEEP_FRAMES)):
        planned = first_frame + KEEP_FRAMES * chunk
        start, keep_start = min(planned, latest), planned + BUFFER_FRAMES
        keep_stop = min(keep_start + KEEP_FRAMES, last_frame - BUFFER_FRAMES)
        out.append(Window(chunk, start, min(start + MESH_INTERVALS, last_frame), keep_start, keep_stop))
    return out


def kept_nodes(count: int) -> slice:
    """Nodes of a window of `count` that survive merging: the buffers at both ends only swallow transients."""
    return slice(BUFFER_FRAMES, count - BUFFER_FRAMES)
