"""In which unit is a skeleton? BVH files state none: told by the length of the legs, or by the stated height."""

from __future__ import annotations

from mint.core.status import Reason, StageError

# CMU's recordings count 0.45 of an inch as 1/0.45: their skeletons' unit is 1/0.45 inch (mocap.cs.cmu.edu, info page).
UNITS_M = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 0.001,
    "inch": 0.0254,
    "feet": 0.3048,
    "CMU's unit (1/0.45 inch)": 0.0254 / 0.45,
}
# Thigh and shank as a share of stature (Drillis and Contini 1966, by way of Winter 2009, fig. 4.1): 0.245 and 0.246.
LEGS_OF_STATURE = 0.491
# Adults and tall children; less than the ratio of two neighbouring units, so that one unit fits at most.
_STATURE_M = (1.3, 2.15)
_AGREES = 0.12  # as section `human`: a declared height differs from the body's by no more


def unit_m(path: str, legs: float, height_m: float | None, warnings: list[str]) -> float:
    """Metres of the unit in which `legs` is the length of thigh and shank. Raises StageError(STATURE) if none fits."""
    stature = {name: legs / LEGS_OF_STATURE * unit for name, unit in UNITS_M.items()}
    if height_m is not None:
        name = min(stature, key=lambda each: abs(stature[each] / height_m - 1))
        if abs(stature[name] / height_m - 1) <= _AGREES:
            return _told(path, name, stature[name], warnings)
        warnings.append(
            f"{path}: in no unit its legs ({legs:.4g}) are those of {height_m:g} m: the skeleton is scaled to that"
        )
        return height_m / (legs / LEGS_OF_STATURE)
    fitting = [name for name, value in stature.items() if _STATURE_M[0] <= value <= _STATURE_M[1]]
    if not fitting:
        units = ", ".join(f"{value:.3g} m in {name}" for name, value in stature.items())
        raise StageError(
            Reason.STATURE,
            f"{path}: thigh and shank are {legs:.4g} long, which is no person's in any unit (stature {units})",
            remedy="set height_m of this sequence in the sequence table: the skeleton is then scaled to it",
        )
    return _told(path, fitting[0], stature[fitting[0]], warnings)


def _told(path: str, name: str, stature: float, warnings: list[str]) -> float:
    if name not in ("cm", "m"):
        warnings.append(f"{path}: lengths are taken as {name}, a stature of about {stature:.2f} m")
    return UNITS_M[name]
