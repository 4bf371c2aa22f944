# From simulated to measured activity, on request: `snakemake refine --profile local`. People with EMG are left out one
# after the other, a job for each.

REFINE_DATA = {
    "metadata": rules.dataset.output.metadata,
    "sequences": rules.dataset.output.sequences,
    "records": f"{RECORDS}/refine.json",
}


rule refine_cycles:
    input:
        **({} if PROJECT.refine.pairs else REFINE_DATA),
        pairs=PROJECT.refine.pairs or [],
        files=pair_files,
    output:
        bundle=f"{REFINE}/cycles.npz",
        rows=f"{REFINE}/cycles.parquet",
    log:
        f"{RESULTS}/logs/refine_cycles.log",
    benchmark:
        f"{RESULTS}/benchmarks/refine_cycles.tsv"
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        tables=resource_tables("muscles_402", "emg_channels"),
        config=section(
            "refine",
            "pairs",
            "samples",
            "inputs",
            "least_stride_s",
            "longest_stride_s",
            "folded",
            "folded_share",
            "least_people",
        ),
        method=METHOD_VERSION["refine_cycles"],
        packages=versions_of("refine_cycles"),
    message:
        "Collecting gait cycles with EMG"
    script:
        "../scripts/refine_cycles.py"


# Minutes that a fold may take by preset.
FOLD_MINUTES = {"test": 10, "fast": 40, "paper": 4 * 24 * 60}


rule refine_fold:
    input:
        cycles=rules.refine_cycles.output.bundle,
    output:
        bundle=f"{REFINE}/folds/{{person}}/fold.npz",
    log:
        f"{RESULTS}/logs/refine_fold/{{person}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/refine_fold/{{person}}.tsv"
    wildcard_constraints:
        person=r"[A-Za-z0-9_\-]+",
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: FOLD_MINUTES[PROJECT.refine.preset] * attempt,
    params:
        # Kept when the job is killed: no output, which Snakemake would delete.
        networks=lambda w: f"{REFINE}/folds/{w.person}/networks",
        config=section(
            "refine", "preset", "samples", "least_people", "shortcut_inputs", "seed"
        ),
        method=METHOD_VERSION["refine_fold"],
        packages=versions_of("refine_fold"),
    message:
        "Refining without {wildcards.person}"
    script:
        "../scripts/refine_fold.py"


rule refine:
    input:
        **({} if PROJECT.refine.pairs else REFINE_DATA),
        cycles=[] if PROJECT.refine.model else rules.refine_cycles.output.bundle,
        folds=refine_folds,
        drawings=[] if PROJECT.refine.pairs else rules.drawing.output.index,
        model=(
            sorted(str(path) for path in Path(PROJECT.refine.model).glob("*.*"))
            if PROJECT.refine.model
            else []
        ),
    output:
        told=f"{REFINE}/refine.json",
        page=f"{REFINE}/index.html",
    log:
        f"{RESULTS}/logs/refine.log",
    benchmark:
        f"{RESULTS}/benchmarks/refine.tsv"
    conda:
        "../../envs/learning.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 3000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables("muscles_402", "emg_channels"),
        template=code_files(
            "workflow/mint/learning/refine/template/*",
            "workflow/mint/learning/template/*",
            "workflow/mint/report/template/style.css",
        ),
        config=section("refine"),
        method=METHOD_VERSION["refine"],
        packages=versions_of("refine"),
    message:
        "Judging and applying the refinement"
    script:
        "../scripts/refine.py"
