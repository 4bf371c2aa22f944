"""Section `trunk`: static optimization of the trunk under the predicted ground forces."""

from __future__ import annotations

from pydantic import Field, model_validator

from mint.config.base import Section


class TrunkConfig(Section):
    """Objective, bounds and limits of the trunk's static optimization."""

    coordinate_table: str = Field(
        "auto",
        description="role of every coordinate: a table of resources/ (trunk_coordinates_pose2sim, "
        "trunk_coordinates_full402), or auto: the one whose coordinates the model has",
    )
    min_activation: float = Field(
        0.01, gt=0, lt=1, description="lower bound of activation [-]; OpenSim's min_control of muscles"
    )
    max_activation: float = Field(1.0, gt=0, le=1, description="upper bound of activation [-]")
    reserve_optimal_force: float = Field(
        1.0,
        gt=0,
        description="reserve moment or force that costs as much as one fully active muscle [N m or N]; the "
        "cost is (reserve / this)^2 as for OpenSim's reserve actuators, whose guide "
        "asks for small optimal forces",
    )
    support_optimal_force: float = Field(
        30.0,
        gt=0,
        description="the same for ribs and sternum, where the reserve stands for costovertebral ligaments "
        "and intercostal muscles that the model lacks [N m or N]; a choice",
    )
    pennation: bool = Field(
        True,
        description="take the share of fiber force that acts along the tendon, its cosine of pennation"
        "; false repeats OpenSim's StaticOptimization, which applies the whole fiber force",
    )
    passive_forces: bool = Field(
        False,
        description="count passive fiber force under a rigid tendon as a given load; off as in "
        "OpenSim's StaticOptimization, which counts active force only",
    )
    activation_dynamics: bool = Field(
        False,
        description="couple the frames of a chunk by first-order activation dynamics, so that no activation "
        "rises or falls faster than excitations within the bounds allow; one program for all frames instead of one for "
        "each, which takes two seconds a chunk on pose2sim and minutes on full402; off as in OpenSim's "
        "StaticOptimization and in Muscles in Time",
    )
    activation_time_constant_s: float = Field(
        0.015, gt=0, description="time constant of rising activation [s]; De Groote et al. 2016, Ann Biomed Eng 44:2922"
    )
    deactivation_time_constant_s: float = Field(
        0.060, gt=0, description="time constant of falling activation, not below the other [s]; De Groote et al. 2016"
    )
    max_reserve_share: float = Field(
        0.05,
        gt=0,
        description="limit of a reserve as share of the coordinate's peak net moment in the "
        "chunk [-]; Hicks et al. 2015, J Biomech Eng 137:020905",
    )
    reserve_floor: float = Field(
        2.0,
        ge=0,
        description="a reserve below this is never flagged [N m or N]; a choice: 1 % of the about "
        "200 N m that trunk extensors produce at most",
    )
    max_flagged_share: float = Field(
        0.1, ge=0, le=1, description="a chunk with a larger share of flagged frames is discarded [-]; a choice"
    )
    max_pelvis_residual_share: float = Field(
        0.10,
        gt=0,
        description="limit, reported and warned about, of the trunk model's pelvis residual "
        "force under the leg solution's ground forces, as share of body weight [-]; a choice of this project",
    )

    @model_validator(mode="after")
    def _ordered(self) -> TrunkConfig:
        if self.min_activation >= self.max_activation:
            raise ValueError("min_activation must be below max_activation")
        if self.activation_time_constant_s > self.deactivation_time_constant_s:
            raise ValueError("activation_time_constant_s must not be above deactivation_time_constant_s")
        return self
