# Results as OpenSim projects, one folder per subject; made on request only: `mint export SEQUENCE...`, or the target
# `opensim` for all sequences. What is wrong with a subject or a sequence is said in its record.


rule opensim_model:
    input:
        leg=f"{SUBJECT}/leg.osim",
        scaled=f"{SUBJECT}/scaled.osim",
        # The wheel that the model comes from has the surfaces of its bones.
        geometry=(
            f"{RESULTS}/inputs/wheels/pose2sim" if PROJECT.model == "pose2sim" else []
        ),
    output:
        record=f"{OPENSIM}/{{subject}}/models.json",
    log:
        f"{RESULTS}/logs/opensim_model/{{subject}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/opensim_model/{{subject}}.tsv"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=10,
    params:
        tables=resource_tables("muscles_402"),
        model=PROJECT.model,
        solved=section(
            "trajectory",
            "activation_time_s",
            "deactivation_time_s",
            "tendon_strain",
            "achilles_strain",
            "muscle_damping",
            "mtp_pattern",
            "mtp_stiffness",
            "mtp_damping",
        ),
        trunk=section("trunk", "passive_forces"),
        method=METHOD_VERSION["opensim_model"],
        packages=versions_of("opensim_model"),
    message:
        "Exporting the models of {wildcards.subject} to OpenSim"
    script:
        "../scripts/opensim_model.py"


rule opensim_trial:
    input:
        models=lambda w: f"{OPENSIM}/{planned(w.sequence)['subject_id']}/models.json",
        merged=lambda w: batch_record("merge", MOTION_BATCH[w.sequence]),
    output:
        record=f"{OPENSIM}/exported/{{sequence}}.json",
    log:
        f"{RESULTS}/logs/opensim_trial/{{sequence}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/opensim_trial/{{sequence}}.tsv"
    wildcard_constraints:
        sequence=r"[A-Za-z0-9_\-]+",
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables(*TRUNK_COORDINATES, *TRUNK_MOTION),
        merged=lambda w: f"{RESULTS}/sequences/{w.sequence}/sequence.npz",
        files=lambda w: chunk_results(w.sequence),
        model=PROJECT.model,
        config=section("opensim"),
        fade=section("merge", "fade_half_width_frames"),
        method=METHOD_VERSION["opensim_trial"],
        packages=versions_of("opensim_trial"),
    message:
        "Exporting {wildcards.sequence} to OpenSim"
    script:
        "../scripts/opensim_trial.py"


# A function, because jobs would have the paths of all sequences made at each start.
rule opensim:
    input:
        lambda w: exported(SEQUENCES),
    localrule: True
