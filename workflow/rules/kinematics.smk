# Inverse kinematics, chunk by chunk, with a margin that the filter needs.


rule ik:
    input:
        markers=batch_record("markers"),
        validated=motion_records("validate"),
        body=motion_records("body"),
        scale=subject_file("scale.npz"),
        scaled=subject_file("scaled.osim"),
        leg=subject_file("leg.osim"),
    output:
        record=batch_record("ik"),
    log:
        batch_log("ik"),
    benchmark:
        batch_benchmark("ik")
    group:
        "chunks"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=chunk_minutes(0.2),
    params:
        tables=lambda w: marker_set_tables(subject_of(w)) | MODEL_TABLES,
        members=chunk_members(),
        config=section("kinematics"),
        limits=section("limits"),
        method=METHOD_VERSION["ik"],
        packages=versions_of("ik"),
    message:
        "Inverse kinematics of {wildcards.batch}"
    script:
        "../scripts/ik.py"
