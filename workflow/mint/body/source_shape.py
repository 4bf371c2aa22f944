"""The body of SMPL or SMPL-X poses as a body in SMPL-H format: its shape, and where its pelvis lies at rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.fit_shape import Known, fit_known, fit_vertices, known_of, same_mesh, worst_distance
from mint.body.model_files import candidates
from mint.body.shape_model import ShapeModel, load_shape
from mint.core.status import Reason, StageError
from mint.retarget.joints import JOINTS

Floats = NDArray[np.float64]

# Pelvis at rest of the mean neutral body [m], rest frame: SMPL-X (Pavlakos et al. 2019), SMPL (Loper et al. 2015), by
# their published neutral models.
_MEAN_PELVIS = {"smplx": (0.0031, -0.3514, 0.0120), "smpl": (-0.0018, -0.2233, 0.0282)}
_NAMES = {"smplx": "SMPL-X", "smpl": "SMPL"}
_DOUBTFUL_M = 0.01


@dataclass(frozen=True)
class Person:
    """What the table says of a person, None where it says nothing; the folder of body models, and how a mass becomes a
    volume [kg/m3]."""

    gender: str
    mass_kg: float | None
    height_m: float | None
    model_dir: str
    density_kg_m3: float | None

    @property
    def volume_m3(self) -> float | None:
        """Volume of the body by its mass; None where that is not known."""
        return None if self.mass_kg is None or self.density_kg_m3 is None else self.mass_kg / self.density_kg_m3


@dataclass(frozen=True)
class SourceShape:
    """`betas (16,)` of SMPL-H, its `joints (52,3)` m at rest, and the `pelvis (3,)` m of the source at rest."""

    betas: Floats
    joints: Floats
    pelvis: Floats
    warnings: tuple[str, ...]


def target_model(person: Person, warnings: list[str]) -> ShapeModel:
    """The SMPL-H model that is computed with. Raises StageError(BODY_MODEL)."""
    found = load_shape(person.model_dir, "smplh", person.gender)
    if found is None:
        path = candidates(person.model_dir, "smplh", person.gender)[0]
        raise StageError(Reason.BODY_MODEL, f"{path} does not exist, nor does a neutral model")
    if found.gender != person.gender:
        warnings.append(f"no {person.gender} body model under {person.model_dir}: the neutral one is used")
    return found


def source_shape(path: str, model: str, betas: Floats | None, person: Person) -> SourceShape:
    """The shape of a file's body, by the user's own model of that kind if it is there; else by height and mass.

    `betas` are the file's, None if it has none. Raises StageError.
    """
    warnings: list[str] = []
    target = target_model(person, warnings)
    source = load_shape(person.model_dir, model, person.gender) if betas is not None else None
    if source is None or betas is None:
        shape = by_size(path, target, person, warnings, _wanting(model, betas, person))
        pelvis = np.array(_MEAN_PELVIS[model])
    else:
        shape = _by_model(path, source, betas, target, person, warnings)
        pelvis = source.regressor[0] @ source.vertices(betas)
    joints = target.regressor @ target.vertices(shape)
    return SourceShape(shape, joints, pelvis, tuple(warnings))


def _by_model(
    path: str, source: ShapeModel, betas: Floats, target: ShapeModel, person: Person, warnings: list[str]
) -> Floats:
    if source.gender != person.gender:
        warnings.append(f"{source.path}: the neutral model stands in for the {person.gender} one")
    count = source.directions.shape[2]
    if len(betas) > count and np.abs(betas[count:]).max() > 0:
        warnings.append(f"{source.path} has {count} shape components: the {len(betas) - count} betas beyond do not act")
    known = known_of(source, betas)
    shape = fit_vertices(target, source.vertices(betas)) if same_mesh(source, target) else fit_known(target, known)
    (first, second), error = worst_distance(target, shape, known)
    if error > _DOUBTFUL_M:
        warnings.append(
            f"{path}: {JOINTS[first]} and {JOINTS[second]} are {100 * error:.1f} cm nearer or farther in the SMPL-H "
            f"body than in that of {source.path}"
        )
    return shape


def by_size(path: str, target: ShapeModel, person: Person, warnings: list[str], why: str) -> Floats:
    """Coefficients (16,) of a body of the stated height, and of the stated mass if there is one; flagged.

    `why` tells what is missing otherwise. Raises StageError(FIELD_MISSING) without a height.
    """
    if person.height_m is None:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: {why}, and the sequence table states no height",
            remedy="set height_m (and mass_kg) of this sequence in the sequence table",
        )
    mass = "the mass that goes with it" if person.mass_kg is None else f"{person.mass_kg:g} kg"
    warnings.append(f"{path}: {why}: a body of {person.height_m:g} m and {mass} stands in")
    return fit_known(target, Known({}, person.height_m, person.volume_m3))


def _wanting(model: str, betas: Floats | None, person: Person) -> str:
    if betas is None:
        return "field betas is missing"
    wanted = candidates(person.model_dir, model, person.gender)[0]
    return f"no {_NAMES[model]} model is at {wanted} to tell its shape by"
