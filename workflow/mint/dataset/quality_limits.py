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


# Kind, measure, side; the limit stands in the configuration under the name of its measure.
_RULES: tuple[tuple[str, str, Side], ...] = (
    ("marker_jump", "marker_jump_mm", "above"),
    ("marker_jump", "marker_error_jump_mm", "above"),
    ("marker_error", "marker_rms_mm", "above"),
    ("marker_error", "marker_max_mm", "above"),
    ("floating_body", "hover_mm", "above"),
    ("floating_body", "pelvis_correction_mm", "below"),
    ("floating_body", "sole_height_mm", "above"),
    ("sinking", "sink_mm", "above"),
    ("sinking", "pelvis_correction_mm", "above"),
    ("sinking", "sole_height_mm", "below"),
    ("foot_slip", "foot_slip_loaded_mm", "above"),
    ("cop_roll", "cop_hind_share", "above"),
    ("cop_roll", "cop_retreat_share", "above"),
    ("cop_roll", "cop_reach_share", "above"),
    ("saturated_muscle", "saturated_muscle_share", "above"),
    ("impulse", "impulse_error_percent", "beyond"),
    ("seam", "seam_activation_rms", "above"),
    ("seam", "seam_force_bw", "above"),
    ("reserve", "reserve_percent", "above"),
    ("reserve", "trunk_reserve_limit_share", "above"),
    ("pelvis_residual", "pelvis_force_percent", "above"),
    ("pelvis_residual", "pelvis_moment_percent", "above"),
    ("pelvis_residual", "trunk_pelvis_residual_percent_bw", "above"),
    ("tracking", "tracking_rms_deg", "above"),
    ("tracking", "tracking_max_deg", "above"),
    ("peak_force", "peak_vertical_force_bw", "above"),
)
MISSING = "missing_chunk"
DOUBTED = "frame_rate"
# Kinds that no limit of the configuration decides: what does, and what it means.
WITHOUT_LIMIT = {
    DOUBTED: (
        "reason frame_rate, or a sequence of the same person and stated rate that has it",
        "the motion contradicts its stated frame rate, or that of its recording session does",
    ),
    MISSING: ("status other than accepted", "no values in the dataset; the ledger says why"),
}
KINDS = (*dict.fromkeys(kind for kind, *_ in _RULES), *WITHOUT_LIMIT)
# Why a chunk was lost may be a fault that no measure shows, because the stage that measures did not finish.
REASONS = {
    Reason.FRAME_RATE: DOUBTED,
    Reason.MARKER_ERROR: "marker_error",
    Reason.MISSING_SUPPORT: "floating_body",
    Reason.PENETRATION: "sinking",
    Reason.PELVIS_RESIDUAL: "pelvis_residual",
    Reason.RESERVE: "reserve",
    Reason.TRUNK_RESERVE: "reserve",
    Reason.TRACKING: "tracking",
}


def limits_of(config: QualityConfig) -> tuple[Limit, ...]:
    """All limits with their values and what the configuration says about them."""
    fields = QualityConfig.model_fields
    return tuple(
        Limit(kind, measure, side, float(getattr(config, measure)), str(fields[measure].description))
        for kind, measure, side in _RULES
    )


def faults(
    measures: Mapping[str, Any], status: Status, reason: Reason, limits: tuple[Limit, ...], *, doubted: bool = False
) -> list[str]:
    """Kinds of faults of a chunk in the order of `KINDS`; a chunk that is not accepted is missing.

    `doubted`: another sequence of the person proves the stated frame rate wrong.
    """
    found = {limit.kind for limit in limits if limit.broken(measures.get(limit.measure))}
    if doubted:
        found.add(DOUBTED)
    if status is not Status.ACCEPTED:
        found.add(MISSING)
        found |= {REASONS[reason]} if reason in REASONS else set()
    return [kind for kind in KINDS if kind in found]
