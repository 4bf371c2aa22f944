# Muscle-driven tracking with contact, in a process of its own: CasADi and OpenSim cannot share one.


# Bridges to linear solvers, built beside the equations of motion.
SOLVER_SOURCES = code_files("workflow/mint/trajectory/solvers/*.[ch]")


rule generic_leg_model:
    input:
        model=MODEL_FILE,
    output:
        leg=f"{RESULTS}/inputs/models/{PROJECT.model}_leg.osim",
        leg_json=f"{RESULTS}/inputs/models/{PROJECT.model}_leg.json",
    log:
        f"{RESULTS}/logs/generic_leg_model.log",
    benchmark:
        f"{RESULTS}/benchmarks/generic_leg_model.tsv"
    group:
        "model"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        tables=resource_tables("leg_coordinates") | LEG_TABLES,
        method=METHOD_VERSION["scale"],
        packages=versions_of("scale"),
    message:
        "Deriving the topology of the leg model"
    script:
        "../scripts/generic_leg_model.py"


rule compile:
    input:
        leg_json=rules.generic_leg_model.output.leg_json,
    output:
        record=f"{RESULTS}/cache/compiled/{PROJECT.model}.json",
    log:
        f"{RESULTS}/logs/compile.log",
    benchmark:
        f"{RESULTS}/benchmarks/compile.tsv"
    group:
        "model"
    conda:
        "../../envs/casadi.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        sources=SOLVER_SOURCES,
        config=section("trajectory", "compiler", "use_compiler", "linear_solver"),
        method=METHOD_VERSION["compile"],
        packages=versions_of("compile", SOLVER_PACKAGES),
    message:
        "Compiling the equations of motion, once for all subjects"
    script:
        "../scripts/compile.py"


SETTINGS["trajectory"] = dict(
    sources=SOLVER_SOURCES,
    tables=resource_tables("trajectory_weights"),
    # What solutions keep below, by a margin.
    config=section("trajectory")
    | {"verified": section("verify", *SolutionLimits.model_fields)},
    method=METHOD_VERSION["trajectory"],
    packages=versions_of("trajectory", SOLVER_PACKAGES),
)

# Of the second pass alone.
SETTINGS["rescue"] = section("rescue")
