"""Rule prepared_model: a model file goes in, the same model with muscles in their published range comes out."""

from mint.core.joblog import redirect_to
from mint.kinematics import muscle_reference

redirect_to(snakemake.log[0])
for muscle, ratio in muscle_reference.prepare(snakemake.input.model, snakemake.output.osim).items():
    print(f"{muscle}: {ratio:.3f} times the lengths of the reference")
