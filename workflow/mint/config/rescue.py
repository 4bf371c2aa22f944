"""The second pass: what is tried for chunks that the first pass left."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from mint.config.base import Section
from mint.config.trajectory import TrajectorySection
from mint.config.work import GUARD, SECONDS_PER_WORK

_WORK = 160.0  # of one attempt, ten times that of the first pass [million iterations times unknowns]
_PATIENT: dict[str, Any] = {
    "rough_iterations": 450,
    "rough_polish_iterations": 200,
    "joint_iterations": 400,
    "joint_grace_iterations": 200,
    "joint_rungs": ["balanced", "loose_acceleration"],
    "joint_last_iterations": 2500,
    "cold_iterations": 2500,
}


class RescueAttempt(Section):
    """One more attempt at a chunk: settings of `trajectory` that differ, its work among them."""

    name: str = Field(description="name in the attempt rows")
    deadline_s: float = Field(
        36000,
        gt=0,
        description="processor time after which an attempt hangs, and a tenth of "
        f"the wall time after which it does [s]; a guard: at least {GUARD:.0f} times what its "
        f"work takes, {SECONDS_PER_WORK:.0f} s a million",
    )
    settings: dict[str, Any] = Field(
        description=f"keys of section trajectory; its work_limit is {_WORK:g} where none is given"
    )

    @field_validator("settings")
    @classmethod
    def _work_is_its_own(cls, settings: dict[str, Any]) -> dict[str, Any]:
        return {"work_limit": _WORK, **settings}

    @property
    def typical_s(self) -> float:
        """What all its work takes on an idle core [s]."""
        return SECONDS_PER_WORK * float(self.settings["work_limit"])

    @model_validator(mode="after")
    def _settings_exist(self) -> RescueAttempt:
        TrajectorySection.model_validate({**TrajectorySection().model_dump(), **self.settings})
        if self.deadline_s < (least := GUARD * self.typical_s):
            raise ValueError(
                f"deadline_s {self.deadline_s:g} of attempt {self.name} guards against a hang: at least "
                f"{least:g} s for its work_limit of {self.settings['work_limit']:g}"
            )
        return self


def _attempts() -> tuple[RescueAttempt, ...]:
    rungs = [rung.model_dump() for rung in TrajectorySection().rungs]
    soft = {**rungs[-1], "contact_softness": 0.3}
    return (
        RescueAttempt(name="patient", settings=_PATIENT),
        RescueAttempt(name="finer_mesh", settings={**_PATIENT, "mesh_factor": 2}),
        RescueAttempt(name="relaxed_contact", settings={**_PATIENT, "rungs": [soft, *rungs[:-1], rungs[-1]]}),
        RescueAttempt(
            name="tracked_motion",
            settings={**_PATIENT, "rough_iterations": 1, "rough_polish_iterations": 1, "rough_violation": 1e-9},
        ),
    )


class RescueConfig(Section):
    """`snakemake rescue`: a second pass over chunks whose trajectory did not converge, one chunk per job."""

    attempts: tuple[RescueAttempt, ...] = Field(
        _attempts(),
        description="in order, until one converges: more work, "
        "larger limits of iterations; twice as many mesh intervals; a start "
        "from contact relaxed to 0.3 of its stiffness and then tightened; the "
        "tracked motion and muscles at rest as start, as in Muscles in Time "
        "(2024)",
    )
