# OpenSim's inverse dynamics judges the solution, independently of the solver.


rule verify:
    input:
        trajectory=rules.trajectory.output.bundle,
        ik=rules.ik.output.bundle,
        leg=subject_file("leg.osim"),
        paths=subject_file("muscle_paths.npz"),
    output:
        bundle=f"{CHUNK}/verify.npz",
    log:
        f"{RESULTS}/logs/verify/{{seq}}_{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/verify/{{seq}}_{{chunk}}.tsv"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=lambda w, attempt: 10 * attempt,
    params:
        config=section("verify"),
        limits=section("limits"),
        method=METHOD_VERSION["verify"],
    message:
        "Verifying {wildcards.seq}, chunk {wildcards.chunk} with OpenSim"
    script:
        "../scripts/verify.py"
