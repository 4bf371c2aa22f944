# From motion to muscle activity in milliseconds, on request: `snakemake benchmark --profile local`. A job for each
# network and seed, which goes on from its checkpoint after a kill.

DATASET_FILES = {
    "metadata": rules.dataset.output.metadata,
    "sequences": rules.dataset.output.sequences,
}


rule features:
    input:
        **({} if PROJECT.benchmark.dataset else DATASET_FILES),
        dataset=benchmark_tables,
        folders=benchmark_folders,
        # Which motion file a sequence has is known of this project's; others are found by their names.
        records=[] if PROJECT.benchmark.motion else f"{RECORDS}/benchmark.json",
        motions=benchmark_motions,
        models=benchmark_bodies,
        babel=benchmark_babel,
        merged=benchmark_merged("merge"),
    output:
        index=f"{LEARNING}/examples.parquet",
    log:
        f"{RESULTS}/logs/features.log",
    benchmark:
        f"{RESULTS}/benchmarks/features.tsv"
    conda:
        "../../envs/learning.yaml"
    threads: 4
    resources:
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 240 * attempt,
    params:
        tables=resource_tables(
            "activity_groups", "bvh_joints", "humanml3d_skeleton", "muscles_402"
        ),
        config=section(
            "benchmark", "dataset", "motion", "chunk_quality", "split", "lists", "seed"
        ),
        reading={
            "model_dir": PROJECT.body.model_dir,
            "density_kg_m3": PROJECT.body.density_kg_m3,
            "config": section("validate_input"),
            "human": section("human"),
        },
        babel=section("babel"),
        method=METHOD_VERSION["features"],
        packages=versions_of("features"),
    message:
        "Features of the motions of the dataset"
    script:
        "../scripts/features.py"


# Memory is that of all examples: a corpus of ten hours has 8 GB of them.
LEARN_MB = {"paper": 24000}.get(PROJECT.benchmark.preset, 6000)


rule train:
    input:
        index=rules.features.output.index,
    output:
        bundle=f"{LEARNING}/trained/{{entry}}/{{number}}/trained.npz",
    log:
        f"{RESULTS}/logs/train/{{entry}}/{{number}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{entry}}/{{number}}.tsv"
    wildcard_constraints:
        entry=r"[a-z0-9_\-]+",
        number=r"\d+",
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        **({"gpu": 1} if PROJECT.benchmark.gpu else {}),
        mem_mb=lambda w, attempt: LEARN_MB * attempt,
        runtime=training_minutes,
    params:
        tables=resource_tables("muscles_402"),
        config=section("benchmark", "preset", "seed"),
        method=METHOD_VERSION["train"],
        packages=versions_of("train"),
    message:
        "Training {wildcards.entry}, seed {wildcards.number}"
    script:
        "../scripts/train.py"


rule evaluate:
    input:
        index=rules.features.output.index,
        trained=benchmark_training,
    output:
        bundle=f"{LEARNING}/scores/{{entry}}/{{number}}.npz",
    log:
        f"{RESULTS}/logs/evaluate/{{entry}}/{{number}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate/{{entry}}/{{number}}.tsv"
    wildcard_constraints:
        entry=r"[a-z0-9_\-]+",
        number=r"\d+",
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: LEARN_MB * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables("muscles_402", "muscle_subsets"),
        config=section("benchmark", "preset", "seed"),
        method=METHOD_VERSION["evaluate"],
        packages=versions_of("evaluate"),
    message:
        "Judging {wildcards.entry}, seed {wildcards.number}"
    script:
        "../scripts/evaluate.py"


rule finetune:
    input:
        # Samples of MIA are read by its lists; the EMG of people of the dataset is beside its metadata.
        **({} if PROJECT.benchmark.dataset else DATASET_FILES),
        index=rules.features.output.index,
        trained=f"{LEARNING}/trained/{{entry}}/0/trained.npz",
        dataset=benchmark_tables,
        compared=benchmark_merged("compare"),
        mia=mia_files,
        models=body_model_files if PROJECT.benchmark.mia else [],
    output:
        bundle=f"{LEARNING}/finetuned/{{entry}}.npz",
    log:
        f"{RESULTS}/logs/finetune/{{entry}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/finetune/{{entry}}.tsv"
    wildcard_constraints:
        entry=r"[a-z0-9_\-]+",
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        **({"gpu": 1} if PROJECT.benchmark.gpu else {}),
        # Without a limit of windows, those of MIA with features take 3 GB, twice while they are joined.
        mem_mb=lambda w, attempt: (
            16000 if PROJECT.benchmark.preset == "paper" else 6000
        )
        * attempt,
        runtime=training_minutes,
    params:
        tables=resource_tables("muscles_402", "mia_channels", "humanml3d_skeleton"),
        config=section("benchmark", "dataset", "mia", "preset", "seed"),
        body=section("body", "model_dir", "density_kg_m3"),
        method=METHOD_VERSION["finetune"],
        packages=versions_of("finetune"),
    message:
        "Fine-tuning {wildcards.entry} on measured EMG"
    script:
        "../scripts/finetune.py"


rule benchmark:
    input:
        index=rules.features.output.index,
        trained=benchmark_trainings,
        scores=benchmark_scores,
        finetuned=benchmark_finetunings,
    output:
        told=f"{LEARNING}/benchmark.json",
        page=f"{LEARNING}/index.html",
    log:
        f"{RESULTS}/logs/benchmark.log",
    benchmark:
        f"{RESULTS}/benchmarks/benchmark.tsv"
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: LEARN_MB * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables("muscles_402", "muscle_subsets"),
        template=code_files(
            "workflow/mint/learning/benchmark/template/*",
            "workflow/mint/learning/template/*",
            "workflow/mint/report/template/style.css",
        ),
        config=section("benchmark", "preset", "models", "ablations", "seeds", "seed"),
        method=METHOD_VERSION["benchmark"],
        packages=versions_of("benchmark"),
    message:
        "Tables, figures and models of the benchmark"
    script:
        "../scripts/benchmark.py"
