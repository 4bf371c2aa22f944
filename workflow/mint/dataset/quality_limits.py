"""Kinds of faults: which measure beyond which limit of the configuration, and which reason of a loss, is which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mint.config.quality import QualityConfig
from mint.core.status import Reason, Status

Side = Literal["above", "below", "beyond"]


@dataclass(frozen=True)
class Limit:
    """A chunk is at fault where `measure` is above `value`, below -`value`, or beyond either (`side`)."""

    kind: str
    measure: str
    side: Side
    value: float
    meaning: str

    def broken(self, measured: Any) -> bool:
        """Whether a number is on the wrong side; what was not measured is not."""
        if measured is None:
            return False
        number = float(measured)
        return {"above": number, "below": -number, "beyond": abs(number)}[self.side] > self.value

    def to_json(self) -> dict[str, Any]:
        """Plain values for a table's record."""
        return asdict(self)


_RULES: tuple[tuple[str, str, Side, str], ...] = (
    ("marker_jump", "marker_jump_mm", "above", "marker_jump_mm"),
    ("marker_jump", "marker_error_jump_mm", "above", "marker_error_jump_mm"),
    ("marker_error", "marker_rms_mm", "above", "marker_rms_mm"),
    ("marker_error", "marker_max_mm", "above", "marker_max_mm"),
    ("floating_body", "hover_mm", "above", "hover_mm"),
    ("floating_body", "pelvis_correction_mm", "below", "pelvis_correction_mm"),
    ("floating_body", "sole_height_mm", "above", "sole_height_mm"),
    ("sinking", "sink_mm", "above", "sink_mm"),
    ("sinking", "pelvis_correction_mm", "above", "pelvis_correction_mm"),
    ("sinking", "sole_height_mm", "below", "sole_height_mm"),
    ("foot_slip", "foot_slip_loaded_mm", "above", "foot_slip_loaded_mm"),
    ("saturated_muscle", "saturated_muscle_share", "above", "saturated_muscle_share"),
    ("impulse", "impulse_error_percent", "beyond", "impulse_error_percent"),
    ("seam", "seam_activation_rms", "above", "seam_activation_rms"),
    ("seam", "seam_force_bw", "above", "seam_force_bw"),
    ("reserve", "reserve_percent", "above", "reserve_percent"),
    ("reserve", "trunk_reserve_limit_share", "above", "trunk_reserve_limit_share"),
    ("pelvis_residual", "pelvis_force_percent", "above", "pelvis_force_percent"),
    ("pelvis_residual", "pelvis_moment_percent", "above", "pelvis_moment_percent"),
    ("pelvis_residual", "trunk_pelvis_residual_percent_bw", "above", "trunk_pelvis_residual_percent_bw"),
    ("tracking", "tracking_rms_deg", "above", "tracking_rms_deg"),
    ("tracking", "tracking_max_deg", "above", "tracking_max_deg"),
    ("peak_force", "peak_vertical_force_bw", "above", "peak_vertical_force_bw"),
)
MISSING = "missing_chunk"
KINDS = (*dict.fromkeys(kind for kind, *_ in _RULES), MISSING)
# Why a chunk was lost may be a fault that no measure shows, because the stage that measures did not finish.
REASONS = {
    Reason.MARKER_ERROR: "marker_error", Reason.MISSING_SUPPORT: "floating_body", Reason.PENETRATION: "sinking",
    Reason.PELVIS_RESIDUAL: "pelvis_residual", Reason.RESERVE: "reserve", Reason.TRUNK_RESERVE: "reserve",
    Reason.TRACKING: "tracking"}


def limits_of(config: QualityConfig) -> tuple[Limit, ...]:
    """All limits with their values and what the configuration says about them."""
    fields = QualityConfig.model_fields
    return tuple(Limit(kind, measure, side, float(getattr(config, key)), str(fields[key].description))
                 for kind, measure, side, key in _RULES)


def faults(measures: Mapping[str, Any], status: Status, reason: Reason, limits: tuple[Limit, ...]) -> list[str]:
    """Kinds of faults of a chunk in the order of `KINDS`; a chunk that is not accepted is missing."""
    found = {limit.kind for limit in limits if limit.broken(measures.get(limit.measure))}
    if status is not Status.ACCEPTED:
        found.add(MISSING)
        found |= {REASONS[reason]} if reason in REASONS else set()
    return [kind for kind in KINDS if kind in found]
