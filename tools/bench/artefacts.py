"""What workers load: cases, their ONNX files, and what each peer's compiler makes of them. Made once, kept under ROOT."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import time

from environment import HERE, ROOT, ensure_environment, locked, requirement_files
from peers import PEERS, Setup
from rounds import WorkerFailure, setup_json, worker_environment

PREPARE_SECONDS = 3600


def run_logged(command, log, **options):
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stderr=output, **options)


def last_line(log):
    return log.read_text().strip().splitlines()[-1]


def find_case(model):
    """The folder of a model's case, made if it is not there."""
    if (pathlib.Path(model) / "case.json").exists():
        return pathlib.Path(model).resolve()
    folder = ROOT / "cases" / model.replace(":", "-")
    with locked(f"case-{folder.name}"):
        if not (folder / "case.json").exists():
            print(f"making {model} with random weights", flush=True)
            log = ROOT / "logs" / "cases.log"
            if run_logged([ensure_environment("main"), HERE / "cases.py", "make", model, folder], log).returncode != 0:
                sys.exit(f"compare.py: could not make {model}: {last_line(log)}")
    return folder


def find_onnx(case, batch):
    """The ONNX file of a case for a batch; exported if it is not there."""
    digest = hashlib.sha256((case / "weights.safetensors").read_bytes()).hexdigest()[:12]
    file = ROOT / "onnx" / f"{case.name}-{digest}-b{batch}.onnx"
    with locked(file.name):
        if not file.exists():
            partial = file.with_suffix(".partial")
            log = ROOT / "logs" / "onnx.log"
            file.parent.mkdir(parents=True, exist_ok=True)
            if run_logged([ensure_environment("main"), HERE / "cases.py", "onnx", case, batch, partial], log).returncode != 0:
                raise WorkerFailure(f"PyTorch cannot export it to ONNX: {last_line(log)}")
            partial.rename(file)
    return file


def make_setup(arguments, peer, case, batch, threads, scratch):
    """`scratch` is where the artefacts go that are not kept."""
    name = f"{case.name}-b{batch}" + (f"-t{threads}" if PEERS[peer].compiled_for_threads else "")
    build = arguments.baseline if peer == "oriel_baseline" else arguments.build
    folder = ROOT / "artefacts" if PEERS[peer].keeps_artefacts else scratch
    onnx = find_onnx(case, batch) if PEERS[peer].reads_onnx else pathlib.Path()
    return Setup(peer, case, batch, threads, folder / peer / name, onnx, build.resolve(), arguments.target)


def prepare(setup):
    """Compiles what the worker loads, unless it is there; the JSON record of it, with "failed" where it cannot be made."""
    parts = [setup.case / "weights.safetensors", *requirement_files(PEERS[setup.peer].environment)]
    key = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
    record_file = setup.artefacts / "prepared.json"
    with locked(f"{setup.peer}-{setup.artefacts.name}"):
        record = json.loads(record_file.read_text()) if record_file.exists() else {}
        if record.get("key") != key:
            record = {"key": key, **compile_artefacts(setup)}
            record_file.write_text(json.dumps(record))
    return record


def compile_artefacts(setup):
    """How long it took, and "failed" with the reason where it did not work."""
    shutil.rmtree(setup.artefacts, ignore_errors=True)
    setup.artefacts.mkdir(parents=True)
    command = [ensure_environment(PEERS[setup.peer].environment), HERE / "worker.py", "prepare", setup_json(setup)]
    start = time.time()
    try:
        done = run_logged(command, setup.artefacts / "log.txt", stdout=subprocess.PIPE, text=True,
                          env=worker_environment(setup), timeout=PREPARE_SECONDS)
    except subprocess.TimeoutExpired:
        return {"compile_s": PREPARE_SECONDS, "failed": f"did not compile in {PREPARE_SECONDS} s"}
    record = {"compile_s": time.time() - start}
    if done.stdout:
        record.update(json.loads(done.stdout))
    elif done.returncode != 0:
        record["failed"] = f"its compiler ended with {done.returncode}"
    return record
