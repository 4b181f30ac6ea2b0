"""One interleaved run: all peers of one model and batch, on every number of threads."""

import argparse
import datetime
import json
import subprocess

import report
from artefacts import find_case, make_setup, prepare
from environment import EnvironmentFailure, ensure_environment
from peers import ORIEL_PEERS, PEERS
from rounds import Worker, WorkerFailure, measure_rounds

FIRST_RUNS = 5


class Run:
    """The workers of one model and batch."""

    def __init__(self, arguments, model, batch, scratch):
        """`arguments` are those of compare.py, `scratch` a folder that is empty."""
        self.arguments, self.model, self.batch, self.scratch = arguments, model, batch, scratch
        self.case = find_case(model)
        self.results = []  # of all peers
        self.workers = {}  # those that were started, each with its result

    def progress(self, text):
        print(f"{self.model}, batch {self.batch}: {text}", flush=True)

    def measure(self):
        """Ends with every worker's process ended and `results` filled as far as it got."""
        try:
            for threads in self.arguments.threads:
                for peer in self.arguments.peers:
                    self.add(peer, threads)
            self.measure_first_runs()
            options = argparse.Namespace(rounds=self.arguments.rounds, seconds=self.arguments.seconds, progress=self.progress)
            measure_rounds(self.workers, options)
        finally:
            for worker in self.workers:
                worker.end()

    def add(self, peer, threads):
        """Compiles, loads and checks one peer, and stops it."""
        self.progress(f"preparing {PEERS[peer].label}, threads {threads}")
        label, precision = PEERS[peer].label, PEERS[peer].precision
        result = {"peer": peer, "label": label, "precision": precision, "threads": threads, "rounds": [], "others": []}
        self.results.append(result)
        try:
            setup = make_setup(self.arguments, peer, self.case, self.batch, threads, self.scratch)
            record = prepare(setup)
            result["compile_s"] = round(record["compile_s"], 1)
            if "failed" in record:
                raise WorkerFailure(record["failed"])
            worker = self.start(setup)
            self.workers[worker] = result
            result["load_s"] = round(worker.receive()["load_s"], 3)
            result.update(worker.ask(do="first"))
        except (WorkerFailure, EnvironmentFailure, OSError) as error:
            result["failed"] = str(error)
        if "failed" in result:
            self.progress(f"{PEERS[peer].label} failed: {result['failed']}")

    def start(self, setup):
        worker = Worker(setup, ensure_environment(PEERS[setup.peer].environment), setup.artefacts / "log.txt")
        worker.realtime = self.arguments.realtime
        return worker

    def measure_first_runs(self):
        """First runs of Oriel, each in a process of its own."""
        for worker, result in self.workers.items():
            if worker.setup.peer in ORIEL_PEERS and "failed" not in result:
                others = [self.first_run(worker.setup) for _ in range(FIRST_RUNS - 1)]
                result["first_runs_ms"] = [round(time, 3) for time in [result["first_ms"], *others]]

    def first_run(self, setup):
        worker = self.start(setup)
        try:
            worker.receive()
            return worker.ask(do="first")["first_ms"]
        finally:
            worker.end()

    def flops(self):
        """Floating-point operations of a run, as Oriel's module states them; None without one."""
        for worker in self.workers:
            module = worker.setup.artefacts / "model.so"
            if module.exists():
                command = [worker.setup.build / "bin/oriel-info", module, "--json"]
                info = subprocess.run(command, capture_output=True, text=True, check=True)
                return sum(launch["flops"] for launch in json.loads(info.stdout)["launches"])
        return None

    def record(self):
        """The JSON of what was measured so far."""
        for result in self.results:
            result["rounds"] = [report.summarise(samples) for samples in result["rounds"]]
            result["others"] = [round(share, 2) for share in result["others"]]
        return {"model": self.model, "batch": self.batch, "date": f"{datetime.datetime.now():%Y-%m-%d %H:%M}",
                "realtime": self.arguments.realtime, "flops": self.flops(), "workers": self.results}
