"""Sequences with one planted fault each: three chunks, the fault in one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, Status
from mint.dataset import build, ledger
from tests.sequence import factory
from tests.sequence.factory import MASS_KG, WEIGHT_N, Project, fail_from

Bundles = dict[str, Bundle]
LAST_FRAME = 70 * 3 + 14
PLANTED_AT = 1  # chunk
FRAME = 110  # in the middle of it


def _metrics(stage: str, **values: float) -> Callable[[Bundles], None]:
    return lambda bundles: bundles[stage].meta["metrics"].update(values)


def _error_of_a_frame(bundles: Bundles) -> None:
    bundles["ik"].arrays["marker_max_m"][40] = 0.08
    names = [*bundles["ik"].names("marker_max_name")[:40], "RKNE", *bundles["ik"].names("marker_max_name")[41:]]
    bundles["ik"].arrays["marker_max_name"] = np.array(names)


def _large_errors(bundles: Bundles) -> None:
    bundles["ik"].arrays["marker_rms_m"][:] = 0.03


def _lowered_by_the_solver(bundles: Bundles) -> None:
    height = np.array(factory.COORDINATES) == "pelvis_ty"
    bundles["trajectory"].arrays["q"] = bundles["trajectory"]["q"] - 0.05 * height


def _sliding_feet(bundles: Bundles) -> None:
    point = bundles["trajectory"]["sphere_point_m"].copy()
    point[:, :, 2] += 0.3 * np.arange(85)[:, None] / 50
    bundles["trajectory"].arrays["sphere_point_m"] = point


def _on_the_heel(bundles: Bundles) -> None:
    """The person walks at 1 m/s, and the left foot stands on its heel from strike to toe off."""
    solution = bundles["trajectory"]
    forward = np.array(factory.COORDINATES) == "pelvis_tx"
    solution.arrays["q"] = np.where(forward, 0.02 * solution["frames"][:, None], solution["q"])
    force = solution["sphere_force_N"].copy()
    force[:, 6], force[:, 7:] = force[:, 6:].sum(axis=1), 0.0
    solution.arrays["sphere_force_N"] = force


def _saturated(bundles: Bundles) -> None:
    bundles["trajectory"].arrays["activation"][:, factory.leg_muscles().index("soleus_r")] = 1.0


def _too_much_force(bundles: Bundles) -> None:
    bundles["trajectory"].arrays["grf_force_N"] = 1.1 * bundles["trajectory"]["grf_force_N"]


def _blow(bundles: Bundles) -> None:
    """Five body weights for one frame, and the speed that they give the body."""
    bundles["trajectory"].arrays["grf_force_N"][40, 0, 1] += 4 * WEIGHT_N
    bundles["ik"].arrays["com_velocity"][41:, 1] += 4 * WEIGHT_N / 50 / MASS_KG


def _other_activations(bundles: Bundles) -> None:
    for stage in ("trajectory", "trunk"):
        values = bundles[stage]["activation"]
        bundles[stage].arrays["activation"] = np.where(values > 0.45, values - 0.3, values + 0.3)


def _unseen_support(bundles: Bundles) -> None:
    fail_from(bundles, "support", Status.EXCLUDED_CONTACT, Reason.MISSING_SUPPORT, "both feet 20 cm above the floor")


def _clock(bundles: Bundles) -> None:
    fail_from(bundles, "ik", Status.FAILED, Reason.FRAME_RATE, "60 frames/s, chunks have 50")


def _residual(bundles: Bundles) -> None:
    fail_from(bundles, "verify", Status.DISCARDED, Reason.PELVIS_RESIDUAL, "7.1 %")


# Name of the sequence: what is done to the bundles of the planted chunk, and the faults that it must have.
IN_BUNDLES: dict[str, tuple[Callable[[Bundles], None], list[str]]] = {
    "error_jump": (_error_of_a_frame, ["marker_jump"]),
    "error": (_large_errors, ["marker_error"]),
    "lowered": (_lowered_by_the_solver, ["floating_body"]),
    "slip": (_sliding_feet, ["foot_slip"]),
    "heel": (_on_the_heel, ["cop_roll"]),
    "saturated": (_saturated, ["saturated_muscle"]),
    "impulse": (_too_much_force, ["impulse"]),
    "blow": (_blow, ["peak_force"]),
    "seam": (_other_activations, ["seam"]),
    "reserve": (_metrics("verify", reserve_percent=4.0, reserve_knee_angle_r_percent=4.0), ["reserve"]),
    "pelvis": (_metrics("verify", residual_force_percent=2.0), ["pelvis_residual"]),
    "tracking": (_metrics("verify", tracking_rms_worst_deg=3.4), ["tracking"]),
    "unseen_support": (_unseen_support, ["floating_body", "missing_chunk"]),
    "clock": (_clock, ["frame_rate", "missing_chunk"]),
    "discarded": (_residual, ["pelvis_residual", "missing_chunk"]),
}
IN_MARKERS = {"marker_jump": ["RKNE"], "pose_jump": list(factory.MARKERS)}
IN_HEIGHTS = {"floating": (0.04, "floating_body"), "sinking": (-0.05, "sinking")}
EXPECTED: dict[str, list[str]] = {
    **{name: faults for name, (_, faults) in IN_BUNDLES.items()},
    **{name: ["marker_jump"] for name in IN_MARKERS},
    **{name: [kind] for name, (_, kind) in IN_HEIGHTS.items()},
    "missing": ["missing_chunk"],
    "clean": [],
}


def planted(folder: Path) -> Project:
    """The project, merged, with ledger and dataset."""
    project = Project(folder)
    for name in EXPECTED:
        project.add(name, LAST_FRAME, path=f"motions/{name}_poses.npz")
        project.solve(name, _change(name), skip=(PLANTED_AT,) if name == "missing" else ())
        project.mark(name, _marked(IN_MARKERS[name]) if name in IN_MARKERS else None)
        if name in IN_HEIGHTS:
            body = Bundle.read(project.file(name, "body.npz"))
            body.arrays["heights"][77:147] += IN_HEIGHTS[name][0]
            body.write(project.file(name, "body.npz"))
        project.merge(name)
    ledger.run(project.plan, project.results)
    build.run(project.plan, project.results, DatasetConfig(pickles=False))
    return project


def chunk_of(name: str) -> int:
    """Which chunk has the fault. A seam has two sides: at the last chunk there is only one."""
    return 2 if name == "seam" else PLANTED_AT


def _change(name: str) -> Callable[[Window, Bundles], None]:
    def change(window: Window, bundles: Bundles) -> None:
        if name in IN_BUNDLES and window.chunk == chunk_of(name):
            IN_BUNDLES[name][0](bundles)

    return change


def _marked(names: list[str]) -> Callable[[Window, np.ndarray, np.ndarray], None]:
    """Markers that one frame places 8 cm higher, in all windows that have the frame."""
    columns = [list(factory.MARKERS).index(name) for name in names]

    def change(window: Window, frames: np.ndarray, positions: np.ndarray) -> None:
        positions[np.ix_(frames == FRAME, columns, [1])] += 0.08

    return change
