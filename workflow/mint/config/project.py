"""The whole configuration: one typed section per stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from mint.config.babel import BabelConfig
from mint.config.base import Section
from mint.config.batch import BatchConfig
from mint.config.benchmark import BenchmarkConfig
from mint.config.body import DEFAULT_RESULTS, EMBEDDED_BODY, BodyConfig
from mint.config.compare import CompareConfig
from mint.config.dataset import DatasetConfig
from mint.config.figures import FiguresConfig
from mint.config.gone import GONE
from mint.config.human import HumanConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.measured import MeasuredConfig
from mint.config.merge import MergeConfig
from mint.config.muscle_paths import MusclePathsConfig
from mint.config.opensim import OpensimConfig
from mint.config.publish import PublishConfig
from mint.config.quality import QualityConfig
from mint.config.refine import RefineConfig
from mint.config.report import ReportConfig
from mint.config.rescue import RescueConfig
from mint.config.support import SupportConfig
from mint.config.trajectory import TrajectorySection
from mint.config.trunk import TrunkConfig
from mint.config.validate import ValidateConfig
from mint.config.verify import VerifyConfig
from mint.config.work import GUARD, SECONDS_PER_WORK


class InputsConfig(Section):
    """Where external files come from."""

    mirror: str = Field("", description="folder with model files for machines without internet; empty: download")
    wheel_mirror: str = Field("", description="folder with the data wheels for machines without internet; empty: pip")


class LimitsConfig(Section):
    """Guards against a chunk that hangs or eats memory; beyond them it fails in that stage and the others go on. What a
    chunk may cost is counted as work (trajectory.work_limit): these say nothing about it."""

    chunk_deadline_s: float = Field(
        3600,
        gt=0,
        description="processor time after which a chunk hangs in a stage, and "
        "a tenth of the wall time after which it does [s]; at least "
        f"{GUARD:.0f} times what trajectory.work_limit takes, {SECONDS_PER_WORK:.0f} s a "
        "million; run again, a chunk that met it is tried again",
    )
    chunk_memory_mb: float = Field(4000, gt=0, description="resident memory of one chunk in one stage [MB]")


class ProjectConfig(Section):
    """All of `config/config.yaml`."""

    sequences: str = Field("config/sequences.tsv", description="table of sequences")
    marker_adjustments: str = Field("config/marker_adjustments.tsv", description="table of marker adjustments")
    results: str = Field(DEFAULT_RESULTS, description="folder of everything that is computed")
    model: Literal["pose2sim", "full402"] = Field(
        "pose2sim", description="musculoskeletal model: pose2sim (80 + 238 muscles) or full402 (all 402 strands)"
    )
    inputs: InputsConfig = InputsConfig()
    limits: LimitsConfig = LimitsConfig()
    batch: BatchConfig = BatchConfig()
    validate_input: ValidateConfig = ValidateConfig()
    body: BodyConfig = BodyConfig()
    human: HumanConfig = HumanConfig()
    measured: MeasuredConfig = MeasuredConfig()
    kinematics: KinematicsConfig = KinematicsConfig()
    muscle_paths: MusclePathsConfig = MusclePathsConfig()
    support: SupportConfig = SupportConfig()
    trajectory: TrajectorySection = TrajectorySection()
    rescue: RescueConfig = RescueConfig()
    verify: VerifyConfig = VerifyConfig()
    trunk: TrunkConfig = TrunkConfig()
    merge: MergeConfig = MergeConfig()
    compare: CompareConfig = CompareConfig()
    babel: BabelConfig = BabelConfig()
    quality: QualityConfig = QualityConfig()
    dataset: DatasetConfig = DatasetConfig()
    figures: FiguresConfig = FiguresConfig()
    opensim: OpensimConfig = OpensimConfig()
    publish: PublishConfig = PublishConfig()
    report: ReportConfig = ReportConfig()
    refine: RefineConfig = RefineConfig()
    benchmark: BenchmarkConfig = BenchmarkConfig()

    @model_validator(mode="before")
    @classmethod
    def _embedded_body_below_results(cls, values: Any) -> Any:
        """The embedded body is made below `results`, wherever that is."""
        if not isinstance(values, Mapping) or not isinstance(values.get("body", {}), Mapping):
            return values
        body, results = dict(values.get("body", {})), values.get("results", DEFAULT_RESULTS)
        for name, where in EMBEDDED_BODY.items():
            if (
                isinstance(results, str)
                and body.get(name, f"{DEFAULT_RESULTS}/{where}") == f"{DEFAULT_RESULTS}/{where}"
            ):
                body[name] = f"{results}/{where}"
        return {**values, "body": body}

    @model_validator(mode="after")
    def _guards_decide_nothing(self) -> ProjectConfig:
        least = GUARD * SECONDS_PER_WORK * self.trajectory.work_limit
        if self.limits.chunk_deadline_s < least:
            raise ValueError(
                f"limits.chunk_deadline_s {self.limits.chunk_deadline_s:g} guards against a hang: at "
                f"least {least:g} s for trajectory.work_limit {self.trajectory.work_limit:g}; to give "
                "chunks less, lower that"
            )
        return self


def load_project(values: Mapping[str, Any]) -> ProjectConfig:
    """Check the whole configuration. Raises ValueError with one line per problem: section, key, what is wrong."""
    try:
        return ProjectConfig.model_validate(dict(values))
    except ValidationError as error:
        lines = [
            f"config: {'.'.join(map(str, each['loc']))}: {_gone(each['type'], each['loc']) or each['msg']} "
            f"(given: {each['input']!r})"
            for each in error.errors()
        ]
        raise ValueError("\n".join(lines)) from None


def _gone(kind: str, place: tuple[int | str, ...]) -> str:
    """What stands for a key that was a setting once; empty for another error."""
    key = str(place[-1]) if place else ""
    if kind == "extra_forbidden" and len(place) > 1 and place[0] in ("trajectory", "rescue") and key in GONE:
        return f"no setting any more: {GONE[key]}; leave it out"
    return ""
