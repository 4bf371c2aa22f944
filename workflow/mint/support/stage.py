"""Stage support: coordinates and heights of body parts go in; who carries the body, and on what, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.body.events import check_window
from mint.config.support import SupportConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import time_s
from mint.core.status import Reason, StageError, Status
from mint.support.assess import Finding, assess, foot_heights
from mint.support.balance import Motion
from mint.support.belt import check_declared, floor_velocity
from mint.support.carried import ASKED, carried
from mint.support.feet import read_leg_model, soles_of
from mint.support.frame_rate import RATE_DOUBTFUL, RateEvidence, Standing, wrong_rate
from mint.support.momentum import spin_rate
from mint.support.roll import roll, step_forces
from mint.support.runs import run_forces, runs_of
from mint.support.steps import feet_of, steps_of

Array = np.ndarray[Any, Any]

STAGE = "support"


def run(
    ik_path: str | Path,
    body_path: str | Path,
    output: str | Path,
    config: SupportConfig,
    *,
    window: Sequence[int],
    leg_model_json: str | Path | None = None,
    belt_velocity: float | None = None,
    name: str = "",
    slowest_hz: float = 0.0,
) -> Bundle:
    """Judge one chunk and write its bundle.

    `window` is (first, last) absolute frame at 50/s, `belt_velocity` a declared one along x, m/s, `name` the
    sequence's own name, searched for objects that are handled, `slowest_hz` the lowest frame rate that a file may have.
    Without a leg model nothing is found that needs the feet's horizontal paths: belts, steps, invisible support, frame
    rates. The bundle's meta holds `belt_velocity_m_s` and `flags`; its status is `excluded_contact` with body part and
    time if something else carries the body, `failed` if the frame rate or the declared belt is wrong.
    """
    try:
        bundle = _judge(
            ik_path,
            body_path,
            leg_model_json,
            config,
            (int(window[0]), int(window[1])),
            belt_velocity,
            name,
            slowest_hz,
        )
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _judge(
    ik_path: str | Path,
    body_path: str | Path,
    leg_model_json: str | Path | None,
    config: SupportConfig,
    window: tuple[int, int],
    declared: float | None,
    name: str,
    slowest_hz: float,
) -> Bundle:
    ik, body = Bundle.read(ik_path), Bundle.read(body_path)
    if upstream := passed_on(body):
        return upstream
    # Before inverse kinematics: what it says about a jump of the data only misleads.
    happened = check_window(body.meta, window)
    if upstream := passed_on(ik):
        return upstream
    heights, parts = _window_of(body["heights"], window, body_path), body.names("part_names")
    n = window[1] - window[0] + 1
    if len(ik["com"]) != n:
        raise StageError(Reason.FIELD_SHAPE, f"{ik_path}: com has {len(ik['com'])} frames, the window {n}")
    record = None if leg_model_json is None else read_leg_model(leg_model_json)
    seen = _Seen(ik, heights, parts, record, config)
    finding = seen.finding()
    # Hands and boxes break the law that tells the rate; what else is found may come of a wrong one.
    doubts: list[str] = []
    if finding is None or finding.reason in (Reason.MISSING_SUPPORT, Reason.CARRIED):
        doubts = seen.check_rate(window[0], body.meta.get("frame_rate_hz"), slowest_hz)
    if finding is not None:
        raise _excluded(finding, window[0], bool(doubts))
    flags = [*_flags(body, name, config), *doubts, *happened]
    velocity, belt_flags = seen.belt(declared)
    return Bundle.of(
        STAGE,
        {"frames": np.arange(window[0], window[1] + 1), **seen.roll(velocity)},
        {"belt_velocity_m_s": velocity, "flags": flags + belt_flags},
    )


class _Seen:
    """What a chunk's window shows of feet, soles and floor. Without a leg model nothing horizontal is known."""

    def __init__(
        self, ik: Bundle, heights: Array, parts: list[str], record: Mapping[str, Any] | None, config: SupportConfig
    ) -> None:
        self.heights, self.parts, self.config = heights, parts, config
        self.com, self.acceleration = ik["com"], ik["com_acceleration"]
        self.feet = foot_heights(heights, parts, config)
        self.soles, self.motion, self.floor = None, None, None
        self._record, self._leg = record, (ik.names("leg_coordinates"), ik["leg_q"])
        if record is not None:
            names, q = self._leg
            self.soles = soles_of(record, names, q)
            self.feet = np.where(np.isfinite(self.feet), self.feet, self.soles.lowest)
            self.motion = Motion(self.com, self.acceleration, spin_rate(record, names, q))
            self.floor = floor_velocity(self.feet, self.soles.loaded_velocity(), config)

    def finding(self) -> Finding | None:
        """The first support that is not a foot on the one floor."""
        middle = None if self.soles is None else self.soles.middle
        first = assess(
            self.heights, self.parts, self.com, self.acceleration, self.config, feet=self.feet, foot_middle=middle
        )
        if self.soles is None or self.motion is None:
            return first
        return first or carried(self.motion, self.soles, self.feet, self.config)

    def check_rate(self, first: int, stated_hz: float | None, slowest_hz: float) -> list[str]:
        """Flags about the frame rate. Raises StageError(FRAME_RATE) if the motion obeys gravity at another one, CARRIED
        if that is slower than any file may be: then feet cannot carry the motion as it is, whatever its clock."""
        if self.soles is None or self.motion is None:
            return []
        floor = np.zeros(3) if self.floor is None else self.floor
        evidence = wrong_rate(Standing(self.motion, self.soles, self.feet, floor, self.config))
        if evidence is None:
            return []
        if not evidence.sure:
            return [RATE_DOUBTFUL]
        if stated_hz and evidence.factor * stated_hz < slowest_hz:
            told = (
                f"{ASKED} {100 * evidence.beyond_m:.1f} cm beyond the standing soles (zero-moment point, median of the "
                "chunk; no frame rate explains it)"
            )
            raise _excluded(Finding(Reason.CARRIED, "the feet", 0, len(self.com), told), first, False)
        raise _other_rate(evidence, stated_hz, time_s(first), time_s(first + len(self.com) - 1))

    def roll(self, floor_velocity: Sequence[float]) -> dict[str, Array]:
        """Where feet that step should carry, as arrays of the bundle."""
        if self._record is None:
            return {}
        feet = feet_of(self._record, *self._leg, np.asarray(floor_velocity, dtype=float))
        if feet is None:
            return {}
        steps = steps_of(feet, self.config)
        point, point_sd = roll(feet, steps)
        force, force_sd = step_forces(feet, steps, point, self.com, self.acceleration)
        run, run_sd = run_forces(feet, runs_of(feet, self.acceleration, self.config), self.acceleration)
        if not steps:
            force, force_sd = run, run_sd
        return {"roll_point_m": point, "roll_sd_m": point_sd, "step_force_bw": force, "step_force_sd_bw": force_sd}

    def belt(self, declared: float | None) -> tuple[list[float], list[str]]:
        """Velocity of the belt, m/s, and where it is from. Raises StageError(BELT_VELOCITY)."""
        moving = self.floor is not None and np.linalg.norm(self.floor) > self.config.belt_speed_m_s
        if declared is None or not np.isfinite(declared):
            if moving and self.floor is not None:
                return [float(v) for v in self.floor], ["belt_estimated"]
            return [0.0, 0.0, 0.0], []
        if self.floor is None:
            return [float(declared), 0.0, 0.0], ["belt_declared", "belt_unconfirmed"]
        check_declared(float(declared), self.floor, self.config)
        return [float(declared), 0.0, 0.0], ["belt_declared"]


def _other_rate(evidence: RateEvidence, stated_hz: float | None, start_s: float, stop_s: float) -> StageError:
    """The refusal of a frame rate, with both values."""
    factor = f"{evidence.factor:.1f}"
    fits = f"about {factor} times the stated rate"
    if stated_hz:
        fits = f"about {evidence.factor * stated_hz:.0f} Hz, {factor} times the stated {stated_hz:g} Hz"
    return StageError(
        Reason.FRAME_RATE,
        f"at the stated rate the ground force would act {100 * evidence.beyond_m:.1f} cm beyond the "
        f"standing soles, {100 * evidence.fitted_m:.1f} cm at {fits}: there the motion obeys gravity ({start_s:.2f} to "
        f"{stop_s:.2f} s)",
        remedy=f"set frame_rate_override of this sequence to its true rate ({fits})",
        t_start_s=start_s,
        t_end_s=stop_s,
    )


def _window_of(heights: Array, window: tuple[int, int], path: str | Path) -> Array:
    if window[1] >= len(heights):
        raise StageError(Reason.FIELD_SHAPE, f"{path}: heights end at frame {len(heights) - 1}, window at {window[1]}")
    return np.asarray(heights[window[0] : window[1] + 1], dtype=float)


def _excluded(finding: Finding, first: int, doubtful: bool) -> StageError:
    """The refusal of a finding in a window from frame `first`; where the rate is `doubtful` both causes are named."""
    start, stop = time_s(first + finding.start), time_s(first + finding.stop - 1)
    status = Status.FAILED if finding.reason is Reason.FRAME_RATE else Status.EXCLUDED_CONTACT
    rate = "; a frame rate that is too high looks the same" if doubtful else ""
    return StageError(
        finding.reason,
        f"{finding.detail} at {start:.2f} to {stop:.2f} s{rate}",
        status=status,
        t_start_s=start,
        t_end_s=stop,
    )


def _flags(body: Bundle, name: str, config: SupportConfig) -> list[str]:
    flags = [str(flag) for flag in body.meta.get("flags", [])]
    if any(word in name.lower() for word in config.object_words) and "object_mass_neglected" not in flags:
        flags.append("object_mass_neglected")
    return flags
