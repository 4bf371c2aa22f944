# Static optimization of the trunk under the predicted ground forces.


rule trunk:
    input:
        trajectory=rules.trajectory.output.bundle,
        verify=rules.verify.output.bundle,
        ik=rules.ik.output.bundle,
        scaled=subject_file("scaled.osim"),
    output:
        bundle=f"{CHUNK}/trunk.npz",
    log:
        f"{RESULTS}/logs/trunk/{{seq}}_{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/trunk/{{seq}}_{{chunk}}.tsv"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        config=section("trunk"),
        limits=section("limits"),
        method=METHOD_VERSION["trunk"],
    message:
        "Static optimization of the trunk for {wildcards.seq}, chunk {wildcards.chunk}"
    script:
        "../scripts/trunk.py"
