"""Section `measured`: force plates and EMG that were recorded with a motion."""

from __future__ import annotations

from pydantic import Field, model_validator

from mint.config.base import Section


class MeasuredConfig(Section):
    """Measured ground forces and EMG: what is believed, and how EMG becomes an envelope."""

    max_duration_s: float = Field(
        3600.0, gt=0, description="longest record of forces or EMG [s]; a choice that keeps one record in memory"
    )
    least_peak_bw: float = Field(
        0.2,
        gt=0,
        description="forces are left out where the largest total vertical force is below this share of body "
        "weight [1]: they are in another unit (kN, kg, body weights); a single step reaches 1",
    )
    largest_peak_bw: float = Field(
        15.0,
        gt=0,
        description="and where it is above this [1]; drop jumps reach 5 to 7 (McNitt-Gray 1993, J Biomech "
        "26:1037), the hardest landings of gymnasts 14 (Panzer et al. 1988, Biomechanics XI-B)",
    )
    assumed_mass_kg: float = Field(
        70.0, gt=0, description="body mass for these two limits where nobody states one [kg]"
    )
    marker_distance_m: float = Field(
        0.3,
        gt=0,
        description="forces are left out where the median distance of the loaded centre of pressure from "
        "the nearest marker is larger [m]: other axes, unit, place or time than the markers; a foot's length, trials "
        "of five laboratories have 0.04 to 0.10",
    )
    root_distance_m: float = Field(
        1.2, gt=0, description="likewise for body poses: the level distance from the pelvis [m]; a long step has 0.6"
    )
    band_low_hz: float = Field(
        20.0,
        gt=0,
        description="lower edge of the band-pass of raw EMG [Hz]; removes what movement adds (De Luca et "
        "al. 2010, J Biomech 43:1573; SENIAM: 10 to 20)",
    )
    band_high_hz: float = Field(
        450.0,
        gt=0,
        description="upper edge of the band-pass [Hz]; surface EMG ends at 400 to 500 (Merletti and "
        "Parker 2004, Electromyography; ISEK: Merletti 1999, J Electromyogr Kinesiol 9(4))",
    )
    nyquist_share: float = Field(
        0.95, gt=0, lt=1, description="the upper edge is at most this share of half the sampling rate [1]"
    )
    envelope_hz: float = Field(
        6.0,
        gt=0,
        description="low-pass of the rectified signal, which makes the envelope [Hz]; usual in gait (Winter "
        "2009, Biomechanics and Motor Control of Human Movement, chapter 10: 3 to 10)",
    )
    filter_order: int = Field(
        4,
        ge=2,
        le=8,
        multiple_of=2,
        description="order of both Butterworth filters, forward and backward together: "
        "half of it each way, without a shift in time",
    )
    rate_hz: float = Field(
        100.0,
        ge=20,
        le=1000,
        description="rate of the envelopes that are kept [Hz]; a low-pass of 6 leaves nothing near half of it",
    )
    slow_share: float = Field(
        0.9,
        gt=0,
        lt=1,
        description="signals are envelopes where this share of their power, mean left out, lies below "
        "slow_hz, and none of it is negative [1]; published envelopes have 0.987 and more",
    )
    slow_hz: float = Field(15.0, gt=0, description="see above [Hz]; raw EMG has its power above 20")
    mains_share: float = Field(
        0.25,
        gt=0,
        lt=1,
        description="a channel is flagged mains where lines at 50 or 60 Hz and their multiples stand "
        "out by more than this share of the power in the band [1]: the hum is then half as large as the signal; good "
        "channels have 0 to 0.08",
    )
    mains_width_hz: float = Field(1.5, gt=0, description="half width of such a line [Hz]; spectra of 1 s resolve 1")
    clipped_share: float = Field(
        0.001,
        gt=0,
        lt=1,
        description="a channel is flagged clipped where more than this share of its samples lies in "
        "runs of three or more at the largest or smallest value [1]; a signal within its range touches each once",
    )
    least_ratio: float = Field(
        1.7,
        gt=1,
        description="a channel is flagged no_signal where the 95th percentile of its envelope is less than "
        "this many times the 5th [1]; white noise has 1.3 to 1.55, channels in walking 1.8 to 260; a muscle at an even "
        "level over the whole record tells nothing of timing either",
    )

    @model_validator(mode="after")
    def _ordered(self) -> MeasuredConfig:
        if not self.envelope_hz < self.band_low_hz < self.band_high_hz:
            raise ValueError("envelope_hz must be below band_low_hz, and that below band_high_hz")
        if self.least_peak_bw >= self.largest_peak_bw:
            raise ValueError("least_peak_bw must be below largest_peak_bw")
        return self
