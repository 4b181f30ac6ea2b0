"""Workers and the interleaved rounds in which they are timed.

All workers of a run are loaded first and stopped (SIGSTOP). A round continues one after the other, in shuffled order, so that
whatever else the machine does hits all alike.
"""

import dataclasses
import json
import os
import pathlib
import random
import select
import signal
import subprocess
import time

from environment import HERE, locked

REALTIME_PRIORITY = 10
ANSWER_SECONDS = 900


class WorkerFailure(Exception):
    """What a peer did wrong, in one line."""


def worker_environment(setup):
    """One number of threads for every library that asks the environment, and no GPU. OpenBLAS is numpy's, which only holds
    arrays here: its threads would spin for 2^26 cycles after the import, and take a processor from the peer's first runs."""
    threads = {"OMP_NUM_THREADS": str(setup.threads), "MKL_NUM_THREADS": str(setup.threads), "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **threads, "CUDA_VISIBLE_DEVICES": "", "PYTHONDONTWRITEBYTECODE": "1"}


def setup_json(setup):
    fields = dataclasses.asdict(setup)
    return json.dumps({name: value if isinstance(value, int) else str(value) for name, value in fields.items()})


def others_busy_seconds(own):
    """Processor seconds since boot that neither were idle nor went to the process `own`, those stolen from this virtual
    machine included."""
    fields = [int(text) for text in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    process = pathlib.Path(f"/proc/{own}/stat").read_text().rsplit(")", 1)[1].split()
    busy = sum(fields[:3]) + sum(fields[5:8])
    return (busy - int(process[11]) - int(process[12])) / os.sysconf("SC_CLK_TCK")


class Worker:
    """A worker.py process that serves one peer."""

    def __init__(self, setup, python, log):
        self.setup, self.log, self.realtime = setup, log, False
        self.process = subprocess.Popen(
            [str(python), str(HERE / "worker.py"), "serve", setup_json(setup)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log.open("a"), env=worker_environment(setup), start_new_session=True, text=True)

    def receive(self, seconds=ANSWER_SECONDS):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            raise WorkerFailure(f"no answer in {seconds} s")
        line = self.process.stdout.readline()
        if not line:
            raise WorkerFailure(f"ended with exit code {self.process.wait()}; see {self.log}")
        answer = json.loads(line)
        if "failed" in answer and "error" not in answer:
            raise WorkerFailure(answer["failed"])
        return answer

    def ask(self, **request):
        """Continues the worker, has one request answered, stops it again."""
        self.signal(signal.SIGCONT)
        try:
            self.schedule(os.SCHED_RR if self.realtime else os.SCHED_OTHER)
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            return self.receive()
        except BrokenPipeError:
            return self.receive()
        finally:
            self.signal(signal.SIGSTOP)
            self.schedule(os.SCHED_OTHER)

    def schedule(self, policy):
        priority = os.sched_param(REALTIME_PRIORITY if policy == os.SCHED_RR else 0)
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*"):
            try:
                os.sched_setscheduler(int(thread.name), policy, priority)
            except ProcessLookupError:
                pass

    def signal(self, number):
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait()


def realtime_allowed():
    """Whether this process may give its workers realtime priority."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        return True
    except PermissionError:
        return False


def measure_turn(worker, result, seconds):
    try:
        start, before = time.time(), others_busy_seconds(worker.process.pid)
        answer = worker.ask(do="measure", seconds=seconds, minimum=3, warm=2)
        busy = others_busy_seconds(worker.process.pid) - before
    except (WorkerFailure, OSError) as error:
        result["failed"] = str(error)
        return
    result["rounds"].append(answer["ms"])
    result["others"].append(max(0.0, busy / (time.time() - start)))


def measure_rounds(workers, options):
    """Times each worker in each of options.rounds rounds, options.seconds a turn. `workers` maps each to its result, where
    the samples go to "rounds" and the processors that other programs used meanwhile to "others". A worker that has "failed"
    is left out; one that fails here gets the reason."""
    shuffle = random.Random(0).shuffle
    for turn in range(options.rounds):
        order = [worker for worker, result in workers.items() if "failed" not in result]
        shuffle(order)
        for worker in order:
            with locked("processors"):
                measure_turn(worker, workers[worker], options.seconds)
        options.progress(f"round {turn + 1} of {options.rounds}")
