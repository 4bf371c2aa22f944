"""Which limits a solution breaks, by how much, where and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.config.verify import VerifyConfig
from mint.core.finding import Finding
from mint.core.status import Reason
from mint.verify.metrics import Residuals

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Violation:
    """One broken limit: reason, words for a person, index of the worst frame, and what it is about."""

    reason: Reason
    detail: str
    frame_index: int
    about: Finding

    @property
    def finding(self) -> Finding:
        """What is broken, and where."""
        return replace(self.about, node=self.frame_index)


def judged(n: int, edge: int) -> slice:
    """Frames that are judged: all but the edges, unless nothing would be left."""
    return slice(edge, n - edge) if n > 2 * edge else slice(0, n)


def residual_violations(
    found: Residuals, inside: slice, config: VerifyConfig
) -> tuple[list[Violation], dict[str, float]]:
    """Pelvis residual force and moment against Hicks et al. 2015."""
    peak = float(found.net_force_N[inside].max())
    height = float(found.com_height_m[inside].mean())
    # Without ground contact (flight) there is no external force to compare with: any residual is too much.
    scale = max(peak, 1.0)
    force = 100.0 * found.force_N / scale
    moment = 100.0 * found.moment_Nm / (scale * height)
    metrics = {
        "peak_external_force_N": peak,
        "com_height_m": height,
        "residual_force_percent": float(force[inside].max()),
        "residual_moment_percent": float(moment[inside].max()),
        "residual_force_N": float(found.force_N[inside].max()),
        "residual_moment_Nm": float(found.moment_Nm[inside].max()),
        "residual_force_edges_percent": float(force.max()),
        "residual_moment_edges_percent": float(moment.max()),
    }
    out = _over(
        "pelvis residual force",
        force,
        inside,
        config.residual_force_percent,
        "% of the peak net external force",
        Reason.PELVIS_RESIDUAL,
        constraint="equation of motion",
    )
    out += _over(
        "pelvis residual moment",
        moment,
        inside,
        config.residual_moment_percent,
        "% of centre-of-mass height x peak net external force",
        Reason.PELVIS_RESIDUAL,
        constraint="equation of motion",
    )
    return out, metrics


def tracking_violations(
    names: Sequence[str],
    error: Array,
    rotational: Mapping[str, bool],
    passive: Collection[str],
    inside: slice,
    config: VerifyConfig,
) -> tuple[list[Violation], dict[str, float]]:
    """Deviation from inverse kinematics `(n, c)` rad, m, per coordinate.

    Passive coordinates (toes on a spring, which markers do not determine) are reported, not judged.
    """
    out: list[Violation] = []
    metrics: dict[str, float] = {}
    for i, name in enumerate(names):
        unit, limit = ("deg", config.tracking_rms_deg) if rotational[name] else ("m", config.tracking_rms_m)
        deviation = np.abs(np.degrees(error[:, i]) if rotational[name] else error[:, i])
        rms = float(np.sqrt(np.mean(deviation[inside] ** 2)))
        metrics[f"tracking_rms_{name}_{unit}"] = rms
        metrics[f"tracking_max_{name}_{unit}"] = float(deviation[inside].max())
        if name in passive:
            continue
        if rms > limit:
            worst = int(np.argmax(deviation[inside])) + (inside.start or 0)
            out.append(
                Violation(
                    Reason.TRACKING,
                    f"tracking RMS of {name} {rms:.3g} {unit} (limit {limit:g} {unit})",
                    worst,
                    Finding("tracking", coordinate=name),
                )
            )
        if rotational[name]:
            out += _over(
                f"tracking of {name}",
                deviation,
                inside,
                config.tracking_max_deg,
                "deg",
                Reason.TRACKING,
                coordinate=name,
            )
    angles = [name for name in names if rotational[name] and name not in passive]
    metrics["tracking_rms_worst_deg"] = max(metrics[f"tracking_rms_{name}_deg"] for name in angles)
    metrics["tracking_max_worst_deg"] = max(metrics[f"tracking_max_{name}_deg"] for name in angles)
    metrics["tracking_rms_worst_m"] = max(
        (metrics[f"tracking_rms_{n}_m"] for n in names if not rotational[n]), default=0.0
    )
    return out, metrics


def penetration_violations(
    depth: Array, spheres: Sequence[str], inside: slice, config: VerifyConfig
) -> tuple[list[Violation], dict[str, float]]:
    """Depth `(n, 12)` m of the spheres."""
    worst = int(np.argmax(depth[inside].max(axis=0)))
    out = _over(
        f"penetration of {spheres[worst]}",
        depth[:, worst],
        inside,
        config.penetration_m,
        "m",
        Reason.PENETRATION,
        part=spheres[worst],
    )
    return out, {"penetration_m": float(depth[inside].max())}


def reserve_violations(
    names: Sequence[str], reserve: Array, moments: Mapping[str, Array], inside: slice, config: VerifyConfig
) -> tuple[list[Violation], dict[str, float]]:
    """Reserve moments `(n, r)` N m against the peak of each coordinate's own moment `(n,)` N m."""
    out: list[Violation] = []
    metrics: dict[str, float] = {"reserve_percent": 0.0, "reserve_Nm": 0.0}
    for i, name in enumerate(names):
        peak = max(float(np.abs(moments[name][inside]).max()), config.reserve_base_Nm)
        share = 100.0 * np.abs(reserve[:, i]) / peak
        metrics[f"reserve_{name}_percent"] = float(share[inside].max())
        metrics["reserve_percent"] = max(metrics["reserve_percent"], metrics[f"reserve_{name}_percent"])
        metrics["reserve_Nm"] = max(metrics["reserve_Nm"], float(np.abs(reserve[inside, i]).max()))
        out += _over(
            f"reserve on {name}",
            share,
            inside,
            config.reserve_percent,
            "% of its peak moment",
            Reason.RESERVE,
            coordinate=name,
        )
    return out, metrics


def _over(
    what: str,
    series: Array,
    inside: slice,
    limit: float,
    unit: str,
    reason: Reason,
    *,
    constraint: str = "",
    coordinate: str = "",
    part: str = "",
) -> list[Violation]:
    """A violation if the series exceeds the limit inside, or is not a number there; the constraint is named after the
    reason if it has no name of its own."""
    values = series[inside]
    worst = int(np.argmax(np.where(np.isfinite(values), values, np.inf)))
    if values[worst] <= limit:
        return []
    about = Finding(constraint or reason.value, coordinate=coordinate, part=part)
    text = f"{what} {values[worst]:.3g} {unit} (limit {limit:g})"
    return [Violation(reason, text, worst + (inside.start or 0), about)]
