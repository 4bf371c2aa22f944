# What the 3-D view of the report draws: OpenSim places bodies, muscle paths and markers of the sequences that it shows.


rule drawing:
    input:
        sequences=rules.dataset.input.sequences,
        records=f"{RECORDS}/drawing.json",
        scaled=all_subjects("scaled.osim"),
        # The wheel that the model comes from has the surfaces of its bones.
        geometry=(
            f"{RESULTS}/inputs/wheels/pose2sim" if PROJECT.model == "pose2sim" else []
        ),
    output:
        index=f"{RESULTS}/drawings/index.json",
    log:
        f"{RESULTS}/logs/drawing.log",
    benchmark:
        f"{RESULTS}/benchmarks/drawing.tsv"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables(*TRUNK_COORDINATES, *TRUNK_MOTION),
        config=section(
            "report", "max_sequences", "max_frames", "bone_cell_m", "path_tolerance_m"
        ),
        method=METHOD_VERSION["drawing"],
        packages=versions_of("drawing"),
    message:
        "Placing bodies and muscles for the 3-D view"
    script:
        "../scripts/drawing.py"
