"""The clock of a `.npz`: frame rate under the names that files use for it, and a duration that contradicts it."""

from __future__ import annotations

import math

from mint.config.validate import ValidateConfig
from mint.core.claims import AGREEMENT, CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.formats.limits import check_length, check_rate
from mint.formats.npz import NpzFile

# Durations are counted with and without the last frame, and rounded.
_FRAMES_OF_ROUNDING = 2
SMALL = 4096  # bytes of a number or a word

Rates = dict[str, tuple[float | None, str]]


def npz_clock(
    data: NpzFile,
    fields: tuple[str, ...],
    frames: int,
    config: ValidateConfig,
    frame_rate_override: float | None,
    warnings: list[str],
) -> tuple[float, float | None, float | None]:
    """Frame rate [Hz]; that by the file itself; the duration [s] by the file. Raises StageError.

    `fields` may hold the rate, the one that counts first; `frame_rate_override` [Hz] replaces it.
    """
    present = [field for field in fields if field in data.fields]
    elapsed = _elapsed(data, warnings)
    if frame_rate_override is not None:
        rate = check_rate(str(data.path), "frame_rate_override (sequence table)", float(frame_rate_override), config)
        rates = {field: claimed_number(data, field) for field in present}
        warnings += _overridden(data, rates, elapsed, frames, rate)
    else:
        rates = {field: number(data, field) for field in present}
        rate = _stated(data, fields, rates, elapsed, frames, config, warnings)
    check_length(str(data.path), frames, rate, config)
    if frame_rate_override is None:
        _check_elapsed(data, next(iter(rates)), rate, elapsed, frames, warnings)
    by_file = next((value for value, _ in rates.values() if value is not None and math.isfinite(value)), None)
    return rate, by_file, elapsed


def number(data: NpzFile, field: str) -> tuple[float | None, str]:
    """The single number of a field, in whatever way it is stored, and how it reads; None if it holds none."""
    values = data.read(field, SMALL)
    if values.size != 1:
        return None, f"{values.dtype} {values.shape}"
    item = values.reshape(-1)[0]
    text = item.decode("ascii", "replace") if isinstance(item, bytes) else str(item)
    if values.dtype.kind not in "fiuSU":
        return None, f"{text[:40]!r} ({values.dtype})"
    try:
        return float(text if values.dtype.kind in "SU" else item), text[:40]
    except (ValueError, OverflowError):
        return None, repr(text[:40])


def claimed_number(data: NpzFile, field: str) -> tuple[float | None, str]:
    """As `number`, for a claim that the motion does not depend on: what cannot be read claims nothing."""
    try:
        return number(data, field)
    except StageError:
        return None, "unreadable"


def _stated(
    data: NpzFile,
    fields: tuple[str, ...],
    rates: Rates,
    elapsed: float | None,
    frames: int,
    config: ValidateConfig,
    warnings: list[str],
) -> float:
    if not rates:
        would = f"; mocap_time_length would give {frames / elapsed:.6g} Hz" if elapsed else ""
        raise StageError(
            Reason.FIELD_MISSING,
            f"{data.path}: field {fields[0]} (or {', '.join(fields[1:])}) is missing{would}",
            remedy="set frame_rate_override for this sequence",
        )
    for field, (value, text) in rates.items():
        if value is None:
            raise StageError(
                Reason.FRAME_RATE, f"{data.path}: field {field} is {text}, must be one number of frames per second"
            )
    values = {
        field: check_rate(str(data.path), field, value, config)
        for field, (value, _) in rates.items()
        if value is not None
    }
    first, *others = values
    for field in others:
        if difference(values[first], values[field]) <= AGREEMENT:
            continue
        text = f"{data.path}: {first} is {values[first]:g} Hz, {field} is {values[field]:g} Hz"
        if difference(values[first], values[field]) > CONTRADICTION:
            raise StageError(
                Reason.FRAME_RATE,
                text,
                remedy="set frame_rate_override for this sequence to the true one, "
                f"{values[first]:g} or {values[field]:g}",
            )
        warnings.append(f"{text}: the first counts")
    return values[first]


def _elapsed(data: NpzFile, warnings: list[str]) -> float | None:
    if "mocap_time_length" not in data.fields:
        return None
    value, text = claimed_number(data, "mocap_time_length")
    if value is None or not math.isfinite(value) or value <= 0:
        warnings.append(f"{data.path}: field mocap_time_length is {text}, no duration in seconds: not compared")
        return None
    return value


def _check_elapsed(
    data: NpzFile, field: str, rate: float, elapsed: float | None, frames: int, warnings: list[str]
) -> None:
    if elapsed is None or abs(elapsed * rate - frames) <= _FRAMES_OF_ROUNDING:
        return
    by_time = frames / elapsed
    text = (
        f"{data.path}: field {field} is {rate:g} Hz, but mocap_time_length is {elapsed:g} s for {frames} frames, "
        f"{by_time:.6g} Hz"
    )
    if difference(rate, by_time) > CONTRADICTION:
        raise StageError(
            Reason.FRAME_RATE,
            text,
            remedy=f"set frame_rate_override for this sequence to the true one, {rate:g} or {by_time:.4g}",
        )
    warnings.append(f"{text}: {field} counts")


def _overridden(data: NpzFile, rates: Rates, elapsed: float | None, frames: int, rate: float) -> list[str]:
    said = [
        f"{field} is {text}"
        for field, (value, text) in rates.items()
        if value is None or difference(value, rate) > CONTRADICTION
    ]
    if (
        elapsed is not None
        and abs(elapsed * rate - frames) > _FRAMES_OF_ROUNDING
        and difference(frames / elapsed, rate) > CONTRADICTION
    ):
        said.append(f"mocap_time_length says {frames / elapsed:.6g} Hz")
    return (
        [f"{data.path}: frame_rate_override is {rate:g} Hz, but {' and '.join(said)}: the override counts"]
        if said
        else []
    )
