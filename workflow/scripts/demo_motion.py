"""Rule demo_motion: motion capture clips and bodies go in, AMASS files come out."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.inputs import demo_motion

redirect_to(snakemake.log[0])
clips = Path(snakemake.input.pybullet) / "pybullet_data" / "data" / "motions"
bodies = Path(snakemake.input.bodies[0]).parents[1]
demo_motion.build(clips, bodies, Path(snakemake.output.motions[0]).parents[2])
