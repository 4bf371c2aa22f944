"""How people step: `resources/step_force.csv` from force plates of the people that settings may be chosen with.

`python bench/steps.py [--write]` reads what `make bench-people` has made of the people of schreiber2019, compares
the forces of plates on each foot with what the centre of mass of inverse kinematics asks for, phase by phase
(`mint.support.roll`), and prints how well each is known of a person that the others tell of. With `--write` the
table is made anew, from the half *choose*.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from people import RESULTS, measured_of
from someone import Someone, people
from trials import ROOT

from mint.config.given import GivenForces
from mint.config.support import SupportConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.tables import table
from mint.support.assess import GRAVITY_M_S2
from mint.support.feet import soles_of
from mint.support.roll import AXES, Demand, demand, expected, phases, roll
from mint.support.steps import feet_of, frames_between, steps_of
from mint.trajectory.feet.given import with_plates

Array = np.ndarray[Any, Any]
OUT = ROOT / "resources/step_force.csv"
KNOTS = {"alone": 11, "leading": 6, "trailing": 6}
ROWS = np.linspace(0, 1, 11)
# Of the mean square of the columns of a fit: knots that few frames tell of stay near zero.
RIDGE = 1e-3


@dataclass(frozen=True)
class Seen:
    """Frames of one phase on a plate: what is asked for, and the force (k, 3) of the plate along the axes."""

    person: str
    half: str
    kind: str
    asked: Demand
    force: Array


def main() -> None:
    """Fit, print, and write if wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    everything = [each for someone in people(["schreiber2019"]) for each in seen(someone)]
    choose = [each for each in everything if each.half == "choose"]
    columns: dict[str, Array] = {"phase": ROWS}
    for kind in KNOTS:
        own = [each for each in choose if each.kind == kind]
        columns |= fitted(kind, own)
        errors = residuals(kind, own)
        spread = spread_of(kind, errors)
        columns |= {f"{kind}_{axis}_sd": spread[:, i] for i, axis in enumerate(AXES)}
        for half in ("choose", "judge"):
            print(f"{kind:8s} {half:6s} % of body weight along, up, outward:", of_the_table(kind, everything, half))
        print(f"{kind:8s} each person by the others:", percent_rms([error for _, error in errors]))
    if given.write:
        head = [line for line in OUT.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        rows = [",".join(columns), *(",".join(f"{columns[name][i]:.3f}" for name in columns) for i in range(len(ROWS)))]
        write_text(OUT, "\n".join([*head, *rows]) + "\n")


def seen(someone: Someone) -> Iterator[Seen]:
    """What plates and motion of a person say."""
    subject = ROOT / RESULTS / "subjects" / f"{someone.collection}-{someone.name}"
    record = json.loads((subject / "leg_model.json").read_text(encoding="utf-8"))
    weight_N = sum(body["mass_kg"] for body in record["bodies"].values()) * GRAVITY_M_S2
    for trial in someone.trials:
        folder = ROOT / RESULTS / "sequences" / someone.sequence(trial)
        measured = measured_of(folder, someone)
        for chunk in sorted((folder / "chunks").iterdir()):
            support, ik = Bundle.read(chunk / "support.npz"), Bundle.read(chunk / "ik.npz")
            if support.ok:
                yield from _of_chunk(someone, record, weight_N, measured, support, ik)


def _of_chunk(
    someone: Someone, record: dict[str, Any], weight_N: float, measured: Bundle, support: Bundle, ik: Bundle
) -> Iterator[Seen]:
    names, q = ik.names("leg_coordinates"), ik["leg_q"]
    nothing = Bundle(support.status, {"frames": support["frames"]}, support.meta)
    told = with_plates(nothing, measured, soles_of(record, names, q), weight_N, GivenForces())[0]["step_force_bw"]
    feet = feet_of(record, names, q, np.asarray(support.meta["belt_velocity_m_s"]))
    if feet is None:
        return
    steps = steps_of(feet, SupportConfig())
    point, _ = roll(feet, steps)
    for phase in phases(steps):
        frames = frames_between(phase.start, phase.stop, len(q))
        frames = frames[np.isfinite(told[frames, phase.foot]).all(axis=1)]
        if len(frames):
            asked = demand(feet, phase, frames, point, ik["com"], ik["com_acceleration"])
            force = np.einsum("kai,ki->ka", asked.axes, told[frames, phase.foot])
            yield Seen(someone.name, someone.half, phase.kind, asked, force)


def hats(now: Array, knots: int) -> Array:
    """Values (k, knots) of the linear interpolation between knots."""
    places = np.linspace(0, 1, knots)
    return np.asarray(np.maximum(0, 1 - np.abs(now[:, None] - places) * (knots - 1)))


def _solve(columns: Array, values: Array) -> Array:
    normal = columns.T @ columns
    ridge = RIDGE * np.trace(normal) / len(normal)
    return np.asarray(np.linalg.solve(normal + ridge * np.eye(len(normal)), columns.T @ values))


def fitted(kind: str, phases_seen: list[Seen]) -> dict[str, Array]:
    """Columns of the table for a kind of phase, without standard deviations."""
    knots = KNOTS[kind]
    now, lean = (np.concatenate([getattr(each.asked, name) for each in phases_seen]) for name in ("now", "lean"))
    total = np.concatenate([each.asked.total for each in phases_seen])
    force = np.concatenate([each.force for each in phases_seen])
    froude = np.concatenate([np.full(len(each.force), each.asked.froude) for each in phases_seen])[:, None]
    basis, at_rows = hats(now, knots), hats(ROWS, knots)
    if kind == "alone":
        lacks = force - total
        return {
            "alone_along": at_rows @ _solve(froude * basis, lacks[:, 0]),
            "alone_up": at_rows @ _solve(froude * basis, lacks[:, 1]),
            "alone_outward": at_rows @ _solve(basis, lacks[:, 2]),
        }
    both = np.hstack([basis * total[:, 1:2], froude * basis])
    share, up = np.split(_solve(both, force[:, 1]), 2)
    upward = both @ np.concatenate([share, up])
    return {
        f"{kind}_share": at_rows @ share,
        f"{kind}_up": at_rows @ up,
        f"{kind}_lean": at_rows @ _solve(basis * (lean * upward)[:, None], force[:, 0]),
        f"{kind}_outward": at_rows @ _solve(basis, force[:, 2]),
    }


def predicted(kind: str, columns: dict[str, Array], asked: Demand) -> Array:
    """Force (k, 3) by columns of a table."""
    return expected(kind, asked, lambda name: np.asarray(np.interp(asked.now, ROWS, columns[name])))


def residuals(kind: str, own: list[Seen]) -> list[tuple[Seen, Array]]:
    """Every phase, and its errors (k, 3) by the table of the other people."""
    tables = {
        person: fitted(kind, [each for each in own if each.person != person])
        for person in {each.person for each in own}
    }
    return [(each, predicted(kind, tables[each.person], each.asked) - each.force) for each in own]


def spread_of(kind: str, errors: list[tuple[Seen, Array]]) -> Array:
    """Standard deviation (rows, 3) of errors over the phase."""
    weight = hats(np.concatenate([each.asked.now for each, _ in errors]), KNOTS[kind])
    squares = (weight.T @ np.concatenate([error for _, error in errors]) ** 2) / weight.sum(axis=0)[:, None]
    return np.asarray(np.sqrt(hats(ROWS, KNOTS[kind]) @ squares))


def of_the_table(kind: str, everything: list[Seen], half: str) -> Array:
    """Root mean square error (3,) % of body weight of the table as it stands."""
    rows = table("step_force")
    columns = {name: rows[name].to_numpy(dtype=float) for name in rows.columns}
    errors = [
        predicted(kind, columns, each.asked) - each.force
        for each in everything
        if each.kind == kind and each.half == half
    ]
    return percent_rms(errors)


def percent_rms(errors: list[Array]) -> Array:
    """Root mean square (3,) of errors (k, 3), in percent."""
    return np.asarray(np.round(100 * np.sqrt(np.mean(np.concatenate(errors) ** 2, axis=0)), 2))


if __name__ == "__main__":
    main()
