"""The peers by name: what the table calls each, where it runs, what it computes in, and its adapter.

An adapter is a class with
  prepare(setup)     compiles the case into setup.artefacts; a process of its own
  load(setup)        what a deployment does at start: reads the artefacts; returns nothing
  run()              one inference, from the input in memory to the logits in memory
  logits()           the logits of the last run as a numpy array
  version()          one line
"""

import dataclasses
import importlib
import pathlib
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Peer:
    label: str
    environment: str  # of environment.py
    adapter: str  # module:class
    precision: str = "f32"
    reads_onnx: bool = False
    compiled_for_threads: bool = False
    # Oriel's compiler changes from build to build: what it made is never taken from an earlier run.
    keeps_artefacts: bool = True

    def make_adapter(self):
        module, name = self.adapter.split(":")
        return getattr(importlib.import_module(module), name)()


@dataclasses.dataclass(frozen=True)
class Setup:
    """One worker's task."""

    peer: str
    case: pathlib.Path       # folder of the case
    batch: int
    threads: int
    artefacts: pathlib.Path  # folder of this peer, case, batch (and threads, where the compiler asks for them)
    onnx: pathlib.Path
    build: pathlib.Path      # Oriel's build folder; of the Oriel workers only
    target: str              # Oriel's --target


PEERS = {
    "oriel": Peer("Oriel", "project", "oriel_adapter:Oriel", keeps_artefacts=False),
    "oriel_baseline": Peer("Oriel, baseline", "project", "oriel_adapter:Oriel", keeps_artefacts=False),
    "openvino": Peer("OpenVINO", "main", "framework_adapters:OpenVINO", reads_onnx=True),
    "openvino_bf16": Peer("OpenVINO bf16", "main", "framework_adapters:OpenVINO", "bf16", reads_onnx=True),
    "onnxruntime": Peer("ONNX Runtime", "main", "framework_adapters:OnnxRuntime", reads_onnx=True),
    "torch_compile": Peer("torch.compile, freezing", "main", "torch_adapters:TorchCompile", compiled_for_threads=True),
    "aot_inductor": Peer("AOTInductor, max-autotune", "main", "torch_adapters:AOTInductor", compiled_for_threads=True),
    "iree": Peer("IREE", "iree", "framework_adapters:IREE", reads_onnx=True),
}
ORIEL_PEERS = ("oriel", "oriel_baseline")
DEFAULT_PEERS = [name for name in PEERS if name != "oriel_baseline"]


def run_compiler(command):
    """Runs a compiler; where it fails, its error is the first line that says "error"."""
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or [""]
        raise RuntimeError(f"{pathlib.Path(command[0]).name} ended with {done.returncode}: {lines[0].rpartition('error: ')[2]}")
