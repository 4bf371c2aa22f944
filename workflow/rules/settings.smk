# Settings of the stages that share a rule, a file for each: another value makes again what that stage and those after it
# make, and the plan of a run names the stage. As parameters of 1,700 jobs, Snakemake would note them for each output.


rule settings:
    output:
        settings=f"{RESULTS}/plan/settings/{{stage}}.json",
    log:
        f"{RESULTS}/logs/settings/{{stage}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/settings/{{stage}}.tsv"
    wildcard_constraints:
        stage="|".join(SETTINGS),
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=lambda w: SETTINGS[w.stage],
    message:
        "Writing the settings of {wildcards.stage}"
    script:
        "../scripts/settings.py"


# What is called like a stage is known to Snakemake as a rule.
for stage in (*STAGES_OF["motions"], *STAGES_OF["chunks"]):

    rule:
        name:
            stage
        input:
            named_stage(stage),
        localrule: True
