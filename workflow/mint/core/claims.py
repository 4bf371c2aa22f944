"""What a file claims twice is compared: what would change results by more than 5 % is refused, less is a warning."""

from __future__ import annotations

# A frame rate that is off by this share makes speeds wrong by as much, and forces of inertia by twice as much.
CONTRADICTION = 0.05
# Below this share two claims say the same: 59.94 and 60 frames/s differ by 0.1 %.
AGREEMENT = 0.005


def difference(first: float, second: float) -> float:
    """Share by which two positive numbers differ, of the smaller one; infinite if one is not positive."""
    if not (first > 0 and second > 0):
        return float("inf")
    return max(first, second) / min(first, second) - 1
