# OpenSim's inverse dynamics judges the solution, independently of the solver.


rule verify:
    input:
        trajectory=batch_record("trajectory"),
        ik=first_pass_records("ik"),
        leg=subject_file("leg.osim"),
        paths=subject_file("muscle_paths.npz"),
    output:
        record=batch_record("verify"),
    log:
        batch_log("verify"),
    benchmark:
        batch_benchmark("verify")
    group:
        "chunks"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=chunk_minutes(0.1),
    params:
        tables=resource_tables("coordinate_ranges_paths"),
        members=chunk_members(files=("ik",)),
        config=section("verify"),
        limits=section("limits"),
        method=METHOD_VERSION["verify"],
        packages=versions_of("verify"),
    message:
        "Verifying {wildcards.batch} with OpenSim"
    script:
        "../scripts/verify.py"
