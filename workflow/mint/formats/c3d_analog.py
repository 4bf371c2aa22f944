"""Analog channels of a C3D file: force plates out of those that belong to one, all others as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.formats.c3d_header import C3dHeader
from mint.formats.devices import PlateLoad
from mint.formats.plates import CHANNELS, plate_axes, plate_load, wrench

Floats = NDArray[np.float64]

_MOST_PLATES = 64
# A load under which the centre of pressure is certain, and for how long. A person cannot press beside a plate.
_CERTAIN_N, _CERTAIN_SAMPLES = 100.0, 20
_BESIDE_M, _BESIDE_SHARE, _MIDDLE_M = 0.05, 0.1, 0.001
_FORCES_N = {"n": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1000.0}
_MOMENTS_NM = {"nmm": 1e-3, "nm": 1.0, "ncm": 1e-2, "knm": 1e3, "newtonmeter": 1.0, "newtonmillimeter": 1e-3}
# Channels of a plate that are moments, and that are places, by its type.
_MOMENTS, _PLACES = {1: (5,), 2: (3, 4, 5)}, {1: (3, 4)}


@dataclass(frozen=True)
class Analog:
    """Channels of a file: `samples (c, n)` in the units that it states, and the length of its own unit [m]."""

    samples: Floats
    names: list[str]
    units: list[str]
    unit_m: float


def analog_of(header: C3dHeader, samples: Floats, unit_m: float) -> Analog:
    """Samples with a name and a unit each; those that the file does not name are numbered."""
    names, units = (header.parameters.texts("ANALOG", name) for name in ("LABELS", "UNITS"))
    count = header.channels
    if not header.real and "UNSIGNED" in (text.upper() for text in header.parameters.texts("ANALOG", "FORMAT")):
        samples = _unsigned(header, samples)
    names = [name or f"channel_{i + 1}" for i, name in enumerate([*names, *[""] * count][:count])]
    return Analog(samples, names, [*units, *[""] * count][:count], unit_m)


def _unsigned(header: C3dHeader, samples: Floats) -> Floats:
    """Samples stored without a sign, of which ezc3d takes the upper half for negative numbers."""
    scales, offsets = (header.parameters.numbers("ANALOG", name) for name in ("SCALE", "OFFSET"))
    general = header.parameters.number("ANALOG", "GEN_SCALE")
    out = samples.copy()
    for channel in range(min(header.channels, len(scales), len(offsets))):
        scale, offset = scales[channel] * (1.0 if general is None else general), offsets[channel] % 65536
        if scale:
            stored = np.round(samples[channel] / scale + offset) % 65536
            out[channel] = (stored - offset) * scale
    return out


def read_plates(path: Path, header: C3dHeader, analog: Analog) -> tuple[list[PlateLoad], set[int], list[str]]:
    """Loads of the plates in the axes of the laboratory, the channels that they use, and warnings."""
    parameters, warnings = header.parameters, []
    count = int(max(0, min(parameters.number("FORCE_PLATFORM", "USED") or 0, _MOST_PLATES)))
    plates: list[PlateLoad] = []
    used: set[int] = set()
    for number in range(count):
        try:
            load, channels = _plate(header, analog, number, count)
        except ValueError as problem:
            warnings.append(f"{path}: force plate {number + 1} is left out: {problem}")
            continue
        plates.append(load)
        used |= set(channels)
        warnings += [f"{path}: force plate {number + 1}: {text}" for text in _doubts(analog, channels, load.kind)]
    zero = parameters.numbers("FORCE_PLATFORM", "ZERO")
    if plates and len(zero) >= 2 and 0 < zero[0] < zero[1]:
        warnings.append(
            f"{path}: FORCE_PLATFORM:ZERO names frames {zero[0]:g} to {zero[1]:g} of an empty plate: "
            "nothing is subtracted"
        )
    return plates, used, warnings


def _plate(header: C3dHeader, analog: Analog, number: int, count: int) -> tuple[PlateLoad, list[int]]:
    """Load of one plate, and the indices of its channels. Raises ValueError for what cannot be read."""
    parameters = header.parameters
    types = parameters.numbers("FORCE_PLATFORM", "TYPE")
    kind = int(types[number]) if number < len(types) else 0
    if kind not in CHANNELS:
        raise ValueError(f"its type is {kind}, those of 1 to 4 are read")
    corners = parameters.array("FORCE_PLATFORM", "CORNERS", (count, 4, 3))
    origins = parameters.array("FORCE_PLATFORM", "ORIGIN", (count, 3))
    if corners is None or origins is None:
        raise ValueError("FORCE_PLATFORM:CORNERS or ORIGIN do not hold 12 and 3 numbers a plate")
    place = corners[number] * analog.unit_m
    axes = plate_axes(place)
    if axes is None:
        raise ValueError("its corners span no surface")
    channels = _channels(header, number, count, CHANNELS[kind])
    samples = analog.samples[channels] * np.array([[_factor(analog, channels, i, kind)] for i in range(len(channels))])
    calibration = _calibration(header, number, count, analog.unit_m) if kind == 4 else None
    if not np.all(np.isfinite(samples)):
        raise ValueError("its channels hold values that are no finite numbers")
    force, moment = wrench(kind, samples, origins[number] * analog.unit_m, calibration)
    load = plate_load(kind, force, moment, place, axes)
    _check_centre(load, axes)
    return load, channels


def _check_centre(load: PlateLoad, axes: Floats) -> None:
    """Raise ValueError where the centre of pressure lies beside the plate, or nowhere but in its middle.

    Moments are then in another unit, or about another place, than the file says.
    """
    corners, centre = ((each - load.corners.mean(axis=0)) @ axes for each in (load.corners, load.centre))
    loaded = np.linalg.norm(load.force, axis=1) > _CERTAIN_N
    if loaded.sum() < _CERTAIN_SAMPLES:
        return
    away = np.abs(centre[loaded, :2])
    outside = float(np.mean(np.any(away > np.abs(corners[:, :2]).max(axis=0) + _BESIDE_M, axis=1)))
    if outside > _BESIDE_SHARE:
        raise ValueError(
            f"its centre of pressure lies beside it in {100 * outside:.0f} % of the loaded samples; check "
            "the units of its channels, ORIGIN and CORNERS"
        )
    if float(away.max()) < _MIDDLE_M:
        raise ValueError(
            "its centre of pressure never leaves its middle by a millimetre; check the units of its channels"
        )


def _channels(header: C3dHeader, number: int, count: int, needed: int) -> list[int]:
    values = header.parameters.numbers("FORCE_PLATFORM", "CHANNEL")
    per_plate = len(values) // count
    channels = [int(value) - 1 for value in values[number * per_plate : number * per_plate + needed]]
    if len(channels) < needed or min(channels) < 0 or max(channels) >= header.channels or len(set(channels)) < needed:
        raise ValueError(f"FORCE_PLATFORM:CHANNEL does not name {needed} of the {header.channels} analog channels")
    return channels


def _calibration(header: C3dHeader, number: int, count: int, unit_m: float) -> Floats:
    """`(6, 6)` from samples to N and N m. The first index of the file, its row, runs fastest."""
    matrices = header.parameters.array("FORCE_PLATFORM", "CAL_MATRIX", (count, 6, 6))
    if matrices is None or not np.all(np.isfinite(matrices[number])):
        raise ValueError("FORCE_PLATFORM:CAL_MATRIX does not hold 36 numbers a plate")
    return matrices[number].T * np.array([[1.0]] * 3 + [[unit_m]] * 3)


def _factor(analog: Analog, channels: list[int], at: int, kind: int) -> float:
    """From the unit of a channel to N, m or N m; a unit that is none is the file's own: N, and N times its length."""
    unit = "".join(letter for letter in analog.units[channels[at]].lower() if letter.isalpha())
    if kind == 4:
        return 1.0
    if at in _MOMENTS.get(kind, ()):
        return _MOMENTS_NM.get(unit, analog.unit_m)
    if at in _PLACES.get(kind, ()):
        return {"m": 1.0, "mm": 1e-3, "cm": 1e-2}.get(unit, analog.unit_m)
    return _FORCES_N.get(unit, 1.0)


def _doubts(analog: Analog, channels: list[int], kind: int) -> list[str]:
    """What is odd about the channels of a plate that is read."""
    forces = [] if kind == 4 else [i for i in channels[:3]]
    odd = {analog.units[i] for i in forces} - {""}
    odd = {unit for unit in odd if unit.lower() not in _FORCES_N}
    return [f"its forces are in {', '.join(sorted(odd))}: they are read as N"] if odd else []
