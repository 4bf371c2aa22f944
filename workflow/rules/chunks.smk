# From clean motions to muscles, chunk by chunk: the stages markers, ik, support, trajectory, verify and trunk for the chunks
# of a batch, in one job. CasADi and OpenSim cannot share a process; each stage has processes of its own.


rule chunks:
    input:
        settings=settings_of(*STAGES_OF["chunks"]),
        validated=motion_records("validate"),
        body=motion_records("body"),
        models=chunk_body_files,
        scale=subject_file("scale.npz"),
        scaled=subject_file("scaled.osim"),
        leg=subject_file("leg.osim"),
        leg_json=subject_file("leg_model.json"),
        paths=subject_file("muscle_paths.npz"),
        measured=given_records,
        compiled=rules.compile.output.record,
    output:
        **batch_records(STAGES_OF["chunks"]),
    log:
        **batch_logs(STAGES_OF["chunks"]),
    benchmark:
        batch_benchmark("chunks")
    wildcard_constraints:
        batch=r"[A-Za-z0-9_\-]+\.\d\d\d+",
    conda:
        "../../envs/chunks.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 2500 * attempt,
        runtime=chunk_minutes,
    params:
        members=chunk_members(
            "belt_velocity_m_s", files=("ik", "support"), of_sequence=GIVEN_FILES
        ),
        marker_set=lambda w: marker_set_tables(subject_of(w)),
        limits=section("limits"),
    message:
        "Solving the chunks of {wildcards.batch}"
    script:
        "../scripts/chunks.py"


# Chunks that had no solution, once more, with what only their solutions need.
rule second_pass:
    input:
        settings=settings_of(*STAGES_OF["second_pass"], "rescue"),
        ik=first_pass_records("ik"),
        support=first_pass_records("support"),
        first=first_pass_records("trajectory"),
        scaled=subject_file("scaled.osim"),
        leg=subject_file("leg.osim"),
        leg_json=subject_file("leg_model.json"),
        paths=subject_file("muscle_paths.npz"),
        measured=given_records,
        compiled=rules.compile.output.record,
    output:
        **batch_records(STAGES_OF["second_pass"]),
    log:
        **batch_logs(STAGES_OF["second_pass"]),
    benchmark:
        batch_benchmark("second_pass")
    wildcard_constraints:
        batch=r"[A-Za-z0-9_\-]+\.rescue\.\d\d\d+",
    conda:
        "../../envs/chunks.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 2500 * attempt,
        runtime=rescue_minutes,
    params:
        members=chunk_members(
            files=("ik", "support", "trajectory"), of_sequence=GIVEN_FILES
        ),
        limits=section("limits"),
    message:
        "A second pass for {wildcards.batch}"
    script:
        "../scripts/second_pass.py"
