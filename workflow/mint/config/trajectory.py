"""Configuration of the trajectory optimization."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from mint.config.base import Section
from mint.config.given import GivenForces
from mint.config.margins import KeptBelow
from mint.config.rungs import Rung, default_rungs

_MINT = "Muscles in Time (2024), appendix A.3"
# Muscles of the Achilles tendon.
ACHILLES = ("soleus", "gasmed", "gaslat")


def strain_of(muscle: str, tendon_strain: float, achilles_strain: float) -> float:
    """Strain of the tendon of a muscle, such as `soleus_r`, at maximum isometric force."""
    return achilles_strain if muscle.rpartition("_")[0] in ACHILLES else tendon_strain


class TrajectorySection(Section):
    """Muscle-driven tracking with foot contact; `docs/method/trajectory.md` says what belongs together."""

    # What is known of the forces on the feet.
    ground_force: Literal["predicted", "tracked"] = Field(
        "predicted",
        description="predicted: forces under the feet follow from motion, contact and how people step, and force "
        "plates only judge them; tracked: where a foot stands on force plates their forces, centres of pressure and "
        "free moments are tracked; contact stays physical, and verification is the same",
    )
    given: GivenForces = GivenForces()
    step_point_weight: float = Field(
        2.0,
        ge=0,
        description="weight of the place where a foot that steps carries, known from how feet roll (stage support) [1 "
        "per squared unit: its load times its standard deviation], and of given free moments; 0: none; with 1 the "
        "centre of pressure of five people on force plates is off by 16 instead of 14 mm",
    )
    step_force_weight: float = Field(
        2.0,
        ge=0,
        description="weight of the forces on feet that step, from the same stage [1 per squared standard deviation]; "
        "0: none; with both 0 vertical force is off by 7.0 instead of 3.1 % of body weight, the centre of pressure by "
        "31 mm",
    )

    # The model beside that of OpenSim: muscles, toes, range of the muscle paths.
    activation_min: float = Field(0.01, gt=0, lt=1, description=f"lowest activation [1]; {_MINT}")
    activation_time_s: float = Field(0.015, gt=0, description="activation time constant [s]; De Groote et al. 2016")
    deactivation_time_s: float = Field(0.060, gt=0, description="deactivation time constant [s]; same source")
    muscle_damping: float = Field(
        0.01,
        ge=0,
        description="fiber damping [normalized force per normalized velocity]; DeGrooteFregly2016Muscle default",
    )
    tendon_strain: float = Field(
        0.049, gt=0, description="tendon strain at maximum isometric force [1]; DeGrooteFregly2016Muscle default"
    )
    achilles_strain: float = Field(
        0.1,
        gt=0,
        description="the same of soleus and gastrocnemii, whose tendon is longer and more compliant [1]; Arnold et "
        "al. 2013, doi:10.1242/jeb.075697",
    )
    mtp_pattern: str = Field("mtp_angle_*", description="coordinates that are passive (shell wildcard)")
    mtp_stiffness: float = Field(
        25.0,
        ge=0,
        description="passive stiffness of the toe joints [N m/rad]; Falisse et al. 2022, modelling toes contributes "
        "to realistic stance knee mechanics",
    )
    mtp_damping: float = Field(2.0, ge=0, description="passive damping of the toe joints [N m s/rad]; same source")
    range_tolerance_deg: float = Field(
        3.0, ge=0, description="how far an angle of a solution may leave the fitted range of muscle paths [degree]"
    )
    range_excess_deg: float = Field(
        5.0,
        ge=0,
        description="how far beyond that a tracked angle may be, which the solution then follows only to there; "
        "beyond, the chunk is refused [degree]",
    )

    # Costs, relative to that of squared activations. Those of the motion: resources/trajectory_weights.csv and rungs.
    activation_volume_power: float = Field(
        1.0,
        ge=0,
        description="power of a muscle's volume (maximum force times optimal fiber length, over its mean) by which "
        "the weight of its squared activation, 1, is multiplied [1]: what a muscle takes of energy grows with its "
        "mass (Umberger et al. 2003, Comput Methods Biomech Biomed Engin 6:99); 0: all alike; with 1 gastrocnemius, "
        "tibialis anterior and gluteus medius follow EMG better by 0.04 to 0.12 of a correlation, on three people of "
        "the half choose",
    )
    activation_rate_weight: float = Field(1e-5, ge=0, description="weight of squared activation rates [s2]")
    tendon_rate_weight: float = Field(1e-4, ge=0, description="weight of squared tendon rates [s2]")
    reserve_weight: float = Field(
        500.0,
        gt=0,
        description="weight of squared reserves [1 per squared unit: verify.reserve_percent of the peak moment]; with "
        "50, runs and punches kept reserves of 7 to 9 %, and took as many iterations",
    )

    # How finely and with what the program is solved.
    mesh_factor: Literal[1, 2] = Field(
        1, description="mesh intervals in a fiftieth of a second [1]; results are given at 50/s in any case"
    )
    tolerance: float = Field(
        1e-3,
        gt=0,
        description="convergence and constraint tolerance, scaled [1]; distances from bounds, barrier and the gradient "
        f"in easy motions are shares of it (trajectory/attempts); {_MINT}",
    )
    proximal_weight: float = Field(
        0.001,
        ge=0,
        description="proximal term on the Hessian of tendon states [1]; measured: fewer factorizations at the same "
        "solution",
    )
    linear_solver: Literal["mumps", "pardiso"] = Field(
        "mumps",
        description="solver of IPOPT's linear systems: mumps comes with casadi; pardiso is faster and needs the "
        "package mkl (`make pardiso`), whose licence is not open",
    )
    use_compiler: bool = Field(True, description="compile the equations with gcc; without: CasADi's interpreter, slow")
    compiler: str = Field("gcc", description="C compiler")

    # Attempts in order, and what they may take.
    work_limit: float = Field(
        16.0,
        gt=0,
        description="work of all attempts at a chunk together, counted, not timed: iterations, or linear systems of "
        "least squares, times unknowns [million]; used up, the chunk ends with work_limit and is one for `snakemake "
        "rescue`; 910 iterations of motion and muscles together in a full chunk, some 150 s of a core; of the suite's "
        "687 chunks that converged none took more than 90 s, half of them 14 s",
    )
    rungs: tuple[Rung, ...] = Field(
        default_rungs(),
        description="how strongly attempts hold the motion; the first is tuned on force plates, the others hold "
        "positions more or accelerations less. A start is tried with the first, then in the order of their "
        "contact_softness; motion and muscles together begin with the rung of their start",
    )
    rough_violation: float = Field(
        0.1,
        gt=0,
        description="largest scaled residual of a motion without muscles from which motion and muscles together are "
        "started [1]; 0.1 is 5 N m at the pelvis",
    )
    rough_iterations: int = Field(
        80,
        ge=1,
        description="linear systems of a least-squares attempt at such a motion [1]; 500 more left hard chunks at 0.1 "
        "to 0.5",
    )
    rough_polish_iterations: int = Field(
        80, ge=1, description="iterations of the exact-Hessian attempt after them, if they leave more than that [1]"
    )
    joint_iterations: int = Field(
        80,
        ge=1,
        description="iterations of one attempt at motion and muscles together [1]; of 225 first attempts that "
        "converged without a limit 10 took more than 80; what takes longer is found as soon on the next rung",
    )
    joint_last_iterations: int = Field(
        250, ge=1, description="the same of the last rung [1]: after it comes only the last resort, which takes longer"
    )
    joint_grace_iterations: int = Field(
        40,
        ge=0,
        description="more iterations for an attempt at motion and muscles together that is near at its limit [1], so "
        "that rounding does not decide which rung a chunk ends on",
    )
    joint_rungs: tuple[str, ...] = Field(
        ("loose_acceleration",),
        description="rungs that the joint problem goes on with, one after the other, when it does not converge or "
        "muscles are too weak; balanced before it fails in about half the cases: of those, eight took 2068 iterations "
        "with it, 1665 without; of the others, four 516 and 565",
    )
    joint_lack_percent: float = Field(
        85.0,
        gt=0,
        description="what muscles may lack on the motion alone if the joint problem begins with the rung of its "
        "start, else with joint_hard_rung [% of the coordinate's peak moment]; with 99 to 111 % all five attempts on "
        "the first rung failed, up to 65 % none",
    )
    joint_hard_rung: str = Field(
        "balanced",
        description="rung that the joint problem starts with where muscles lack more; 17 of 32 such attempts converged",
    )
    cold_iterations: int = Field(
        300,
        ge=1,
        description="iterations of the last resort, the joint problem from the "
        f"tracked motion and muscles at rest [1]; {_MINT} starts there and allows 2500",
    )

    @model_validator(mode="after")
    def _joint_rungs_exist(self) -> TrajectorySection:
        names = [rung.name for rung in self.rungs]
        for field, used in (("joint_rungs", self.joint_rungs), ("joint_hard_rung", (self.joint_hard_rung,))):
            if unknown := set(used) - set(names):
                raise ValueError(f"{field} has {', '.join(sorted(unknown))}, but the rungs are {', '.join(names)}")
        return self


class TrajectoryConfig(TrajectorySection, KeptBelow):
    """What the stage is given: section `trajectory`, and limits of section `verify`."""
