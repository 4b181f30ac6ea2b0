#!/usr/bin/env python3
"""One peer in a process of its own, told by lines of JSON on standard input what to do.

  worker.py prepare|serve SETUP     SETUP is JSON with the fields of peers.Setup

`prepare` compiles and ends. `serve` loads, then answers a line a request: {"do": "first"} runs once and checks the logits,
{"do": "measure", ...} times runs. What the peer itself prints goes to standard error.
"""

import ctypes
import json
import os
import pathlib
import re
import signal
import sys
import time

import cases
import numpy
from peers import PEERS, Setup

EPSILON = {"f32": 2.0**-23, "bf16": 2.0**-8}
# A realtime process that never sleeps is stopped for 50 ms a second; so it sleeps a little longer itself, between runs.
BUSY_SECONDS, REST_SECONDS = 0.8, 0.06


def pin(threads):
    """Every worker gets the same last processors of those allowed."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def end_with_parent():
    """Has Linux end this process with the one that started it, which may be killed while this one is stopped (SIGSTOP)."""
    pr_set_pdeathsig = 1  # linux/prctl.h
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def peak_memory():
    """Bytes of the largest resident set this process had."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


def allowed_error(case, precision):
    """Bound on |logits - PyTorch's| / |PyTorch's| in the 2-norm. A layer rounds its operands once (epsilon of the
    precision) and its float32 sums of K products with an error that grows as the square root of K; errors of layers add."""
    layers, longest_sum = case.get("layers", 100), case.get("longest_sum", 4096)
    return layers * (EPSILON[precision] + EPSILON["f32"] * longest_sum**0.5)


def check(setup, logits):
    """The relative error, and whether it is too large."""
    case = json.loads((setup.case / "case.json").read_text())
    _, expected = cases.load_arrays(setup.case, setup.batch)
    logits = numpy.array(logits, dtype=numpy.float64).reshape(expected.shape)
    error = float(numpy.linalg.norm(logits - expected) / numpy.linalg.norm(expected))
    bound = allowed_error(case, PEERS[setup.peer].precision)
    answer = {"error": error, "allowed_error": bound}
    if not error <= bound:
        answer["failed"] = f"wrong logits: relative error {error:.1e}, allowed {bound:.1e}"
    return answer


def first_run(setup, adapter):
    begin = time.perf_counter()
    adapter.run()
    milliseconds = (time.perf_counter() - begin) * 1e3
    answer = {"first_ms": milliseconds, **check(setup, adapter.logits())}
    for _ in range(2):
        adapter.run()
    return {**answer, "memory": peak_memory(), "version": adapter.version()}


def measure(adapter, seconds, minimum, warm):
    """Milliseconds of each run: `minimum` runs or more, for about `seconds`."""
    now = time.perf_counter
    for _ in range(warm):
        adapter.run()
    samples, start, awake = [], now(), now()
    while len(samples) < minimum or now() - start < seconds:
        begin = now()
        adapter.run()
        end = now()
        samples.append((end - begin) * 1e3)
        if end - awake + (end - begin) > BUSY_SECONDS:
            time.sleep(REST_SECONDS)
            if end - begin < BUSY_SECONDS / 8:
                adapter.run()  # brings the caches back
            awake = now()
    return {"ms": samples}


def serve(setup, adapter, answers):
    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    begin = time.perf_counter()
    adapter.load(setup)
    answer({"load_s": time.perf_counter() - begin})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "first":
            answer(first_run(setup, adapter))
        else:
            answer(measure(adapter, request["seconds"], request["minimum"], request["warm"]))


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    fields = json.loads(sys.argv[2])
    paths = {name: pathlib.Path(fields[name]) for name in ("case", "artefacts", "onnx", "build")}
    setup = Setup(**{**fields, **paths})
    adapter = PEERS[setup.peer].make_adapter()
    try:
        if sys.argv[1] == "prepare":
            adapter.prepare(setup)
        else:
            end_with_parent()
            pin(setup.threads)
            serve(setup, adapter, answers)
    except Exception as error:  # whatever a peer throws is its result
        import traceback

        traceback.print_exc()
        text = " ".join(str(error).split())[:300] or type(error).__name__
        answers.write(json.dumps({"failed": text}) + "\n")
        answers.flush()
        os._exit(1)
    os._exit(0)  # some peers hang or crash in their destructors


main()
