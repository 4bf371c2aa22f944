# From motion files to clean motions and their bodies: the stages validate and body for the sequences of a batch.


rule motions:
    input:
        settings=settings_of(*STAGES_OF["motions"]),
        motions=motion_files,
        others=lambda w: sorted({p for s in sequences_of(w) for p in other_trials(s)}),
        shapes=lambda w: shape_files(sequences_of(w)),
        models=lambda w: body_files(sequences_of(w)),
        static=lambda w: [
            SEQUENCES[s]["static_path"]
            for s in sequences_of(w)
            if SEQUENCES[s]["static_path"]
        ],
    output:
        **batch_records(STAGES_OF["motions"]),
    log:
        **batch_logs(STAGES_OF["motions"]),
    benchmark:
        batch_benchmark("motions")
    group:
        "motions"
    conda:
        "../../envs/body.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 3000 * attempt,
        runtime=sequence_minutes(10),
    params:
        members=sequence_members(
            "path",
            "source",
            "kind",
            "gender",
            "frame_rate_override",
            "subject",
            "static_path",
            "mass_kg",
            "height_m",
            others=other_trials,
            shaped_mass_kg=if_shaped("mass_kg"),
            shaped_height_m=if_shaped("height_m"),
            model_dir=lambda seq: PROJECT.body.model_dir if is_shaped(seq) else None,
            density_kg_m3=lambda seq: (
                PROJECT.body.density_kg_m3 if is_shaped(seq) else None
            ),
            marker_bodies=marker_bodies,
        ),
        landmarks=lambda w: (
            LANDMARKS
            if any(is_registered(SEQUENCES[s]) for s in sequences_of(w))
            else {}
        ),
        limits=section("limits"),
    message:
        "Checking and measuring the motions of {wildcards.batch}"
    script:
        "../scripts/motions.py"
