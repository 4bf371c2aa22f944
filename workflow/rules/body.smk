# The body: mass, stature, ground and the heights of its parts per sequence; virtual markers per chunk.


rule body:
    input:
        validated=rules.validate.output.bundle,
        models=lambda w: body_model_files() if record(w)["source"] == "amass" else [],
        markers=lambda w: (
            PROJECT.body.marker_map if record(w)["source"] == "amass" else []
        ),
        static=lambda w: record(w)["static_path"] or [],
    output:
        bundle=f"{SEQ}/body.npz",
    log:
        f"{RESULTS}/logs/body/{{seq}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/body/{{seq}}.tsv"
    conda:
        "../../envs/body.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 3000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    params:
        marker_bodies=marker_bodies,
        config=section("body"),
        limits=section("limits"),
        method=METHOD_VERSION["body"],
    message:
        "Measuring body and ground of {wildcards.seq}"
    script:
        "../scripts/body.py"


rule markers:
    input:
        validated=rules.validate.output.bundle,
        body=rules.body.output.bundle,
        models=lambda w: body_model_files() if record(w)["source"] == "amass" else [],
        markers=lambda w: (
            PROJECT.body.marker_map if record(w)["source"] == "amass" else []
        ),
    output:
        trc=f"{CHUNK}/markers.trc",
    log:
        f"{RESULTS}/logs/markers/{{seq}}_{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/markers/{{seq}}_{{chunk}}.tsv"
    conda:
        "../../envs/body.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=lambda w, attempt: 10 * attempt,
    params:
        window=window,
        margin_frames=PROJECT.kinematics.margin_frames,
        config=section("body"),
        limits=section("limits"),
        method=METHOD_VERSION["markers"],
    message:
        "Placing virtual markers for {wildcards.seq}, chunk {wildcards.chunk}"
    script:
        "../scripts/markers.py"
