"""What a record and a label of BABEL must be, checked by pydantic; more fields than these may be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

SEQUENCE, FRAME = "sequence", "frame"
# Far above any label or path of BABEL.
_MAX_TEXT = 2000


def _encodable(text: str) -> str:
    # JSON may hold half of a surrogate pair, which no Parquet file can.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("it holds half of a surrogate pair")
    return text


def _known(value: Any) -> Any:
    # Written from a table, a missing text is NaN.
    return None if isinstance(value, float) and value != value else value


def _categories(value: Any) -> Any:
    value = _known(value)
    return [each for each in value if _known(each) is not None] if isinstance(value, list) else value or []


Text = Annotated[str, Field(max_length=_MAX_TEXT), AfterValidator(_encodable)]
OptionalText = Annotated[Text | None, BeforeValidator(_known)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Head(BaseModel):
    """Number, path and duration of a record."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    babel_sid: int = Field(ge=0, le=2**31 - 1)
    feat_p: Annotated[Text, Field(min_length=1)]
    dur: float = Field(gt=0, allow_inf_nan=False)


class _Label(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    raw_label: OptionalText = None
    proc_label: OptionalText = None
    seg_id: OptionalText = None
    act_cat: Annotated[list[Text], BeforeValidator(_categories)] = []


class _FrameLabel(_Label):
    start_t: Seconds
    end_t: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> _FrameLabel:
        if self.end_t < self.start_t:
            raise ValueError(f"end_t {self.end_t} s is before start_t {self.start_t} s")
        return self


@dataclass(frozen=True)
class Label:
    """A label of BABEL: `annotation` counts annotators within a sequence and level, `position` their labels.

    Times in seconds from the first frame of the motion file; texts None where BABEL does not publish them.
    """

    level: str
    annotation: int
    position: int
    t_start_s: float
    t_end_s: float
    raw_label: str | None
    proc_label: str | None
    seg_id: str | None
    act_cat: tuple[str, ...]


def label_of(raw: Any, level: str, annotation: int, position: int, dur_s: float) -> Label:
    """A label from JSON; one of the whole sequence lasts as long as it. Raises pydantic's ValidationError."""
    if level == SEQUENCE:
        label, start, end = _Label.model_validate(raw), 0.0, dur_s
    else:
        timed = _FrameLabel.model_validate(raw)
        label, start, end = timed, timed.start_t, timed.end_t
    return Label(
        level, annotation, position, start, end, label.raw_label, label.proc_label, label.seg_id, tuple(label.act_cat)
    )
