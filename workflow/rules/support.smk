# Feet on one level floor, or something the method cannot see? Decided before anything is solved.


rule support:
    input:
        ik=batch_record("ik"),
        body=motion_records("body"),
        leg_json=subject_file("leg_model.json"),
    output:
        record=batch_record("support"),
    log:
        batch_log("support"),
    benchmark:
        batch_benchmark("support")
    group:
        "chunks"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 500 * attempt,
        runtime=chunk_minutes(0.05),
    params:
        members=chunk_members("belt_velocity_m_s"),
        config=section("support"),
        limits=section("limits"),
        tables=resource_tables("foot_roll", "step_force"),
        method=METHOD_VERSION["support"],
        packages=versions_of("support"),
    message:
        "Checking the support of {wildcards.batch}"
    script:
        "../scripts/support.py"
