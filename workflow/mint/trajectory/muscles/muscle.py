"""Compliant-tendon muscle of De Groote, Kinney, Rao and Fregly (2016), Ann. Biomed. Eng. 44(10), appendix.

The state of the tendon is its length, not its force: s = (l_T / l_slack - 1) / 0.05. A force state has no
solution where a muscle goes slack (tensor fasciae latae in deep hip flexion); with s the tendon force is a
smooth positive function whatever the length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import casadi as ca
import numpy as np

from mint.trajectory.compiled.last_answers import LastAnswers

Array = np.ndarray[Any, Any]

STRAIN_UNIT = 0.05  # strain per unit of the tendon state
STATE_LOWER, STATE_UPPER = -6.0, 2.0  # 30 % slack to 10 % strain
_TENDON_C1, _TENDON_C2, _TENDON_C3 = 0.200, 0.995, 0.250  # equation S1
_SLACK_WIDTH = 0.02  # normalized force over which the curve bends to zero at slack
_TAKE_UP = 0.01  # normalized force that shortens the fiber, per unit of slack
_TAUT = 0.1  # tendon state below which there is slack; an unloaded tendon is at 0.03, over this width it sets in
_SHORT = 0.6  # normalized fiber length below which slack is not taken up
# rows: Gaussian-like terms b1..b4 of the active force-length curve, equation S2 as in OpenSim 4.6
_ACTIVE = (
    (0.814483478343008, 1.05503342897057, 0.162384573599574, 0.0633034484654646),
    (0.433004984392647, 0.716775413397760, -0.0299471169706956, 0.200356847296188),
    (0.1, 1.0, 0.353553390593274, 0.0),
)
_VELOCITY = (-0.318323436899127, -8.14915604347525, -0.374121508647863, 0.885644059915004)  # equation S4
_MOVING = 5  # activation, tendon state, its rate, length and speed of the muscle-tendon unit
PARAMETERS = ("optimal_length_m", "slack_length_m", "width_m", "max_speed_m_s", "tendon_stiffness", "damping")


@dataclass(frozen=True)
class MuscleSet:
    """Parameters of M muscles: `maximum_force` (M,) N and rows of `PARAMETERS` (6, M)."""

    names: tuple[str, ...]
    maximum_force: Array
    parameters: Array


def tendon_stiffness(strain: float) -> float:
    """Exponent k_T such that the tendon carries the maximum isometric force at `strain` (equation S1)."""
    return float(np.log((1.0 + _TENDON_C3) / _TENDON_C1) / (1.0 + strain - _TENDON_C2))


def muscle_set(
    muscles: Mapping[str, Mapping[str, float]], names: Sequence[str], damping: float, strains: Sequence[float]
) -> MuscleSet:
    """Parameters of the named muscles of a leg model, with the strain of each tendon at maximum isometric force. Raises
    KeyError for an unknown name."""
    columns = []
    for name, strain in zip(names, strains, strict=True):
        m = muscles[name]
        optimal = m["optimal_fiber_length_m"]
        columns.append(
            [
                optimal,
                m["tendon_slack_length_m"],
                optimal * np.sin(max(m["pennation_angle_rad"], 0.02)),  # keeps the fiber length positive
                m["max_contraction_velocity"] * optimal,
                tendon_stiffness(strain),
                damping,
            ]
        )
    force = np.array([muscles[name]["max_isometric_force_N"] for name in names])
    return MuscleSet(tuple(names), force, np.array(columns).T)


def tendon_force(state: Any, stiffness: Any) -> Any:
    """Normalized tendon force: equation S1, bent smoothly to zero where the tendon is slack."""
    line = _TENDON_C1 * ca.exp(stiffness * (1.0 + STRAIN_UNIT * state - _TENDON_C2)) - _TENDON_C3
    return 0.5 * (line + ca.sqrt(line * line + _SLACK_WIDTH**2))


def active_force_length(length: Any) -> Any:
    """Normalized active force at normalized fiber length (equation S2)."""
    return sum(b1 * ca.exp(-0.5 * (length - b2) ** 2 / (b3 + b4 * length) ** 2) for b1, b2, b3, b4 in _ACTIVE)


def force_velocity(speed: Any) -> Any:
    """Normalized force at normalized fiber velocity, lengthening positive (equation S4)."""
    d1, d2, d3, d4 = _VELOCITY
    argument = d2 * speed + d3
    return d1 * ca.log(argument + ca.sqrt(argument * argument + 1.0)) + d4


def take_up(state: Any, length: Any) -> Any:
    """Normalized force by which the fiber of a slack tendon shortens; nothing of it reaches the bones.

    Without passive force nothing shortens a long fiber behind a slack tendon: the solver found muscles that, for a
    second, had switched themselves off at 1.7 optimal lengths. Here such a fiber shortens at about its largest speed.
    One that is short stays slack, since its muscle-tendon unit leaves no room.
    """
    beyond = state + _TAUT
    slack = 0.5 * (ca.sqrt(beyond * beyond + _TAUT**2) - beyond)
    return _TAKE_UP * slack * length**4 / (length**4 + _SHORT**4)


def balance(activation: Any, state: Any, rate: Any, length: Any, speed: Any, p: Any) -> tuple[Any, Any, Any, Any]:
    """Fiber force along the tendon, with what takes up slack, minus tendon force (normalized); also tendon force, fiber
    length and velocity.

    `rate` is ds/dt, `length` and `speed` of the whole muscle-tendon unit in m and m/s, `p` rows of `PARAMETERS`.
    Pennation: the fiber keeps its width. Passive fiber force is off, as in MinT's preset.
    """
    optimal, slack, width, fastest, stiffness, damping = (p[i] for i in range(6))
    along = length - slack * (1.0 + STRAIN_UNIT * state)
    fiber = ca.sqrt(along * along + width * width)
    cosine = along / fiber
    velocity = (speed - slack * STRAIN_UNIT * rate) * cosine / fastest
    normalized = fiber / optimal
    force = activation * active_force_length(normalized) * force_velocity(velocity) + damping * velocity
    tendon = tendon_force(state, stiffness)
    return force * cosine - tendon + take_up(state, normalized), tendon, normalized, velocity


def kernel() -> Any:
    """Function of the muscle for `MuscleFunctions`, `(x (11), p (0)) -> (26)`, x = (a, s, ds/dt, length, speed) and a
    column of `PARAMETERS`: value, first and second derivatives together, since most of the time goes to exponentials
    that they share."""
    x, nothing = ca.SX.sym("x", _MOVING + len(PARAMETERS)), ca.SX.sym("p", 0)
    moving = x[:_MOVING]
    residual, tendon, fiber, velocity = balance(x[0], x[1], x[2], x[3], x[4], x[_MOVING:])
    slope = ca.gradient(tendon, moving)[1]
    out = ca.vertcat(
        residual,
        tendon,
        fiber,
        velocity,
        ca.gradient(residual, moving),
        slope,
        _packed(ca.hessian(residual, moving)[0]),
        ca.gradient(slope, moving)[1],
    )
    return ca.Function("muscle", [x, nothing], [ca.densify(out)], {"cse": True})


class Evaluator(Protocol):
    """What evaluates the kernel: compiled (`mint.trajectory.mesh.blocks.Blocks`), or CasADi's interpreter."""

    def evaluate(self, kernel: str, x: Array, p: Array, /) -> Array:
        """Outputs (no, N) of a kernel at points `x (nx, N)` with parameters `p`."""


class MuscleFunctions:
    """Numeric functions of the muscle, elementwise over any number of muscles and nodes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._last = LastAnswers()

    def _all(self, z: Array, fixed: Array) -> Array:
        return self._last.get(
            "all", (z, fixed), lambda: self._evaluator.evaluate("muscle", np.concatenate([z, fixed]), np.zeros(0))
        )

    def value(self, z: Array, fixed: Array) -> Array:
        """(4, N): residual, tendon force, normalized fiber length, normalized fiber velocity."""
        return self._all(z, fixed)[:4]

    def first(self, z: Array, fixed: Array) -> Array:
        """(6, N): gradient of the residual by (a, s, ds/dt, length, speed), slope of tendon force by s."""
        return self._all(z, fixed)[4:10]

    def second(self, z: Array, fixed: Array) -> Array:
        """(16, N): lower triangle by rows of the residual's Hessian in (a, s, ds/dt, length, speed), second derivative
        of tendon force by s."""
        return self._all(z, fixed)[10:]


def _packed(hessian: Any) -> Any:
    return ca.densify(ca.vertcat(*[hessian[i, j] for i in range(hessian.shape[0]) for j in range(i + 1)]))


def rest_state(functions: MuscleFunctions, fixed: Array, activation: float) -> Array:
    """Tendon states (N,) at which isometric muscles of one activation are in balance (bisection)."""
    count = fixed.shape[1]
    low, high = np.full(count, STATE_LOWER), np.full(count, STATE_UPPER)
    still = fixed.copy()
    still[1] = 0.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        z = np.vstack([np.full(count, activation), middle, np.zeros(count)])
        positive = functions.value(z, still)[0] > 0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return 0.5 * (low + high)
