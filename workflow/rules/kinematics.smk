# Inverse kinematics, chunk by chunk, with a margin that the filter needs.


rule ik:
    input:
        markers=rules.markers.output.trc,
        validated=rules.validate.output.bundle,
        body=rules.body.output.bundle,
        scale=subject_file("scale.npz"),
        scaled=subject_file("scaled.osim"),
        leg=subject_file("leg.osim"),
    output:
        bundle=f"{CHUNK}/ik.npz",
    log:
        f"{RESULTS}/logs/ik/{{seq}}_{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/ik/{{seq}}_{{chunk}}.tsv"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=lambda w, attempt: 15 * attempt,
    params:
        window=window,
        config=section("kinematics"),
        limits=section("limits"),
        method=METHOD_VERSION["ik"],
    message:
        "Inverse kinematics of {wildcards.seq}, chunk {wildcards.chunk}"
    script:
        "../scripts/ik.py"
