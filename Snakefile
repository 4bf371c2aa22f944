# From AMASS poses to a MinT dataset. Every stage is a rule file below workflow/rules/; the science is the
# importable package workflow/mint/.


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/body.smk"
include: "workflow/rules/motions.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/measured.smk"
include: "workflow/rules/kinematics.smk"
include: "workflow/rules/support.smk"
include: "workflow/rules/trajectory.smk"
include: "workflow/rules/verify.smk"
include: "workflow/rules/trunk.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/chunks.smk"
include: "workflow/rules/merge.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/records.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/drawing.smk"
include: "workflow/rules/opensim.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/refine.smk"
include: "workflow/rules/benchmark.smk"


rule all:
    default_target: True
    input:
        everything,
    localrule: True


# The second pass: chunks that the ledger says did not converge, one per job, then everything that follows from them.
rule rescue:
    input:
        everything,
    localrule: True
