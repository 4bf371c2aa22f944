# The body: mass, stature, ground and the heights of its parts per sequence; virtual markers per chunk.


rule body:
    input:
        validated=batch_record("validate"),
        models=lambda w: body_files(sequences_of(w)),
        static=lambda w: [
            SEQUENCES[s]["static_path"]
            for s in sequences_of(w)
            if SEQUENCES[s]["static_path"]
        ],
    output:
        record=batch_record("body"),
    log:
        batch_log("body"),
    benchmark:
        batch_benchmark("body")
    group:
        "motions"
    conda:
        "../../envs/body.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 3000 * attempt,
        runtime=sequence_minutes(8),
    params:
        members=sequence_members(
            "kind",
            "static_path",
            "mass_kg",
            "height_m",
            marker_bodies=marker_bodies,
        ),
        tables=lambda w: (
            LANDMARKS
            if any(is_registered(SEQUENCES[s]) for s in sequences_of(w))
            else {}
        ),
        config=section("body"),
        human=section("human"),
        limits=section("limits"),
        method=METHOD_VERSION["body"],
        packages=versions_of("body"),
    message:
        "Measuring body and ground of {wildcards.batch}"
    script:
        "../scripts/body.py"


rule markers:
    input:
        validated=motion_records("validate"),
        body=motion_records("body"),
        models=chunk_body_files,
    output:
        record=batch_record("markers"),
    log:
        batch_log("markers"),
    benchmark:
        batch_benchmark("markers")
    group:
        "chunks"
    conda:
        "../../envs/body.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=chunk_minutes(0.05),
    params:
        members=chunk_members(),
        margin_frames=PROJECT.kinematics.margin_frames,
        config=section("body"),
        limits=section("limits"),
        method=METHOD_VERSION["markers"],
        packages=versions_of("markers"),
    message:
        "Placing virtual markers for {wildcards.batch}"
    script:
        "../scripts/markers.py"
