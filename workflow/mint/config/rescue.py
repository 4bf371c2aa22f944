"""The second pass: what is tried for chunks that the first pass left."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from mint.config.base import Section
from mint.config.trajectory import TrajectoryConfig

_PATIENT: dict[str, Any] = {"rough_iterations": 450, "rough_polish_iterations": 200, "joint_iterations": 400,
                            "joint_grace_iterations": 200, "joint_rungs": ["balanced", "loose_acceleration"],
                            "joint_last_iterations": 2500, "cold_iterations": 2500}


class RescueAttempt(Section):
    """One more attempt at a chunk: settings of `trajectory` that differ, and its own deadline."""

    name: str = Field(description="name in the attempt rows")
    deadline_s: float = Field(1500, gt=0, description="wall time [s]")
    settings: dict[str, Any] = Field(description="keys of section trajectory")

    @model_validator(mode="after")
    def _settings_exist(self) -> RescueAttempt:
        TrajectoryConfig.model_validate({**TrajectoryConfig().model_dump(), **self.settings})
        return self


def _attempts() -> tuple[RescueAttempt, ...]:
    rungs = [rung.model_dump() for rung in TrajectoryConfig().rungs]
    soft = {**rungs[-1], "contact_softness": 0.3}
    return (
        RescueAttempt(name="patient", settings=_PATIENT),
        RescueAttempt(name="finer_mesh", settings={**_PATIENT, "mesh_factor": 2}),
        RescueAttempt(name="relaxed_contact", settings={**_PATIENT, "rungs": [soft, *rungs[:-1], rungs[-1]]}),
        RescueAttempt(name="tracked_motion", settings={**_PATIENT, "rough_iterations": 1, "rough_polish_iterations": 1,
                                                       "rough_violation": 1e-9}),
    )


class RescueConfig(Section):
    """`snakemake rescue`: a second pass over chunks whose trajectory did not converge, one chunk per job."""

    first_pass_s: float = Field(120, gt=0, description="processor time of a trajectory in the first pass [s]; all 687 "
                                "of the suite's that converged took at most 90 s on one core, half of them 14 s")
    attempts: tuple[RescueAttempt, ...] = Field(_attempts(), description="in order, until one converges: larger limits "
                                                "of iterations; twice as many mesh intervals; a start from contact "
                                                "relaxed to 0.3 of its stiffness and then tightened; the tracked "
                                                "motion and muscles at rest as start, as in Muscles in Time (2024)")
