"""The feature sets by name."""

from __future__ import annotations

from mint.learning.motion import gravity, humanml3d
from mint.learning.motion.layout import Layout

FEATURE_SETS: dict[str, Layout] = {"humanml3d": humanml3d.LAYOUT, "gravity": gravity.LAYOUT}
