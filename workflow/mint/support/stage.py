"""Stage support: coordinates and heights of body parts go in; who carries the body, and on what, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.body.events import check_window
from mint.config.support import SupportConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import time_s
from mint.core.status import Reason, StageError, Status
from mint.support.assess import Finding, assess, foot_heights
from mint.support.belt import belt_velocity as estimated_belt
from mint.support.feet import Soles, read_soles

Array = np.ndarray[Any, Any]

STAGE = "support"


def run(ik_path: str | Path, body_path: str | Path, output: str | Path, config: SupportConfig, *,
        window: Sequence[int], leg_model_json: str | Path | None = None, belt_velocity: float | None = None,
        source: str = "amass", name: str = "") -> Bundle:
    """Judge one chunk and write its bundle.

    `window` is (first, last) absolute frame at 50/s, `belt_velocity` a declared one along x, m/s, `name` the
    sequence's own name, searched for objects that are handled. Without a leg model neither belts nor steps are
    found: both need the feet's horizontal paths. The bundle's meta holds `belt_velocity_m_s` and
    `flags`; its status is `excluded_contact` with body part and time if something else carries the body.
    """
    try:
        bundle = _judge(ik_path, body_path, leg_model_json, config, (int(window[0]), int(window[1])),
                        belt_velocity, source, name)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _judge(ik_path: str | Path, body_path: str | Path, leg_model_json: str | Path | None, config: SupportConfig,
           window: tuple[int, int], declared: float | None, source: str, name: str) -> Bundle:
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
    soles = None if leg_model_json is None else read_soles(leg_model_json, ik.names("leg_coordinates"), ik["leg_q"])
    feet = _known(foot_heights(heights, parts, config), soles)
    finding = assess(heights, parts, ik["com"], ik["com_acceleration"], config, feet=feet,
                     foot_middle=None if soles is None else soles.middle)
    if finding is not None:
        raise _excluded(finding, window[0])
    flags = [*_flags(body, name, config), *happened]
    velocity = np.zeros(3)
    if declared is not None and np.isfinite(declared):
        velocity[0] = declared
        flags.append("belt_declared")
    elif soles is not None:
        estimate = estimated_belt(feet, soles.loaded_velocity(), config)
        if estimate is not None:
            velocity = estimate
            flags.append("belt_estimated")
    return Bundle.of(STAGE, {"frames": np.arange(window[0], window[1] + 1)},
                     {"belt_velocity_m_s": velocity.tolist(), "flags": flags, "source": source})


def _known(feet: Array, soles: Soles | None) -> Array:
    """Measured foot heights, and where they are unknown those of the model's soles."""
    return feet if soles is None else np.where(np.isfinite(feet), feet, soles.lowest)


def _window_of(heights: Array, window: tuple[int, int], path: str | Path) -> Array:
    if window[1] >= len(heights):
        raise StageError(Reason.FIELD_SHAPE, f"{path}: heights end at frame {len(heights) - 1}, window at {window[1]}")
    return np.asarray(heights[window[0] : window[1] + 1], dtype=float)


def _excluded(finding: Finding, first: int) -> StageError:
    start, stop = time_s(first + finding.start), time_s(first + finding.stop - 1)
    return StageError(finding.reason, f"{finding.detail} at {start:.2f} to {stop:.2f} s",
                      status=Status.EXCLUDED_CONTACT, t_start_s=start, t_end_s=stop)


def _flags(body: Bundle, name: str, config: SupportConfig) -> list[str]:
    flags = [str(flag) for flag in body.meta.get("flags", [])]
    if any(word in name.lower() for word in config.object_words) and "object_mass_neglected" not in flags:
        flags.append("object_mass_neglected")
    return flags
