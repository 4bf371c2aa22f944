# A sequence is read in full once, checked field by field, and written in one clean form.


rule validate:
    input:
        motions=motion_files,
        others=lambda w: sorted({p for s in sequences_of(w) for p in other_trials(s)}),
        models=lambda w: shape_files(sequences_of(w)),
    output:
        record=batch_record("validate"),
    log:
        batch_log("validate"),
    benchmark:
        batch_benchmark("validate")
    group:
        "motions"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=sequence_minutes(2),
    params:
        members=sequence_members(
            "path",
            "source",
            "gender",
            "frame_rate_override",
            "subject",
            others=other_trials,
            mass_kg=if_shaped("mass_kg"),
            height_m=if_shaped("height_m"),
            model_dir=lambda seq: PROJECT.body.model_dir if is_shaped(seq) else None,
            density_kg_m3=lambda seq: (
                PROJECT.body.density_kg_m3 if is_shaped(seq) else None
            ),
        ),
        tables=resource_tables("bvh_joints"),
        config=section("validate_input"),
        human=section("human"),
        limits=section("limits"),
        method=METHOD_VERSION["validate"],
        packages=versions_of("validate"),
    message:
        "Checking {wildcards.batch}"
    script:
        "../scripts/validate.py"
