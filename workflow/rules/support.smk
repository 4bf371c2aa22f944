# Feet on one level floor, or something the method cannot see? Decided before anything is solved.


rule support:
    input:
        ik=rules.ik.output.bundle,
        body=rules.body.output.bundle,
        leg_json=subject_file("leg_model.json"),
    output:
        bundle=f"{CHUNK}/support.npz",
    log:
        f"{RESULTS}/logs/support/{{seq}}_{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/support/{{seq}}_{{chunk}}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 500 * attempt,
        runtime=lambda w, attempt: 5 * attempt,
    params:
        window=window,
        source=lambda w: record(w)["source"],
        belt_velocity_m_s=lambda w: record(w)["belt_velocity_m_s"],
        config=section("support"),
        limits=section("limits"),
        method=METHOD_VERSION["support"],
    message:
        "Checking the support of {wildcards.seq}, chunk {wildcards.chunk}"
    script:
        "../scripts/support.py"
