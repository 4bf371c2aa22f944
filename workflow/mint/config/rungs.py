"""Configuration of the rungs: how strongly an attempt of the trajectory optimization holds the motion."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class Rung(Section):
    """How strongly an attempt holds the motion."""

    name: str = Field(description="name in the attempt rows")
    position: float = Field(gt=0, description="weight of tracked positions [1 per squared unit deviation]")
    speed: float = Field(ge=0, description="weight of tracked speeds [1 per squared unit deviation]")
    acceleration: float = Field(ge=0, description="weight of tracked accelerations [1 per squared unit deviation]")
    torque: float = Field(gt=0, description="weight of joint torques [1 per squared unit torque]")
    contact_softness: float = Field(
        1.0,
        gt=0,
        le=1,
        description="factor on contact stiffness of a first, relaxed solution that is then tightened to 1 [1]",
    )


def default_rungs() -> tuple[Rung, ...]:
    """The first is tuned on force plates, the others hold positions more or accelerations less."""
    return (
        Rung(name="standard", position=0.1, speed=0.03, acceleration=0.1, torque=1.0),
        Rung(name="balanced", position=0.1, speed=0.03, acceleration=0.03, torque=0.3),
        Rung(name="loose_acceleration", position=0.3, speed=0.03, acceleration=0.01, torque=0.3),
        Rung(name="relaxed_contact", position=0.3, speed=0.03, acceleration=0.03, torque=0.3, contact_softness=0.5),
    )
