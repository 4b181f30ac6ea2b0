"""tools/bench/compare.py with Oriel as its only peer: nothing is installed, nothing is expected of the times.

  compare_test.py BUILD_DIR
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import unittest

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/bench"))

import rounds  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
CASE = ROOT / "models/data/mobilevit_xxs_cifar10"


def is_running(process):
    try:
        return ") Z " not in pathlib.Path(f"/proc/{process}/stat").read_text()  # Z: ended, and nobody has asked for its exit code
    except (FileNotFoundError, ProcessLookupError):
        return False


class Compare(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.output = self.scratch / "results.json"

    def command(self, *arguments):
        return [sys.executable, str(ROOT / "tools/bench/compare.py"), "--peers", "oriel", "--no-peaks", f"--build={BUILD}",
                f"--output={self.output}", *map(str, arguments)]

    def start(self, *arguments):
        environment = dict(os.environ, ORIEL_PEERS_DIR=str(self.scratch / "peers"))
        return subprocess.Popen(self.command(*arguments), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)

    def results(self, *arguments):
        process = self.start("--rounds=2", "--seconds=0.02", *arguments)
        printed, _ = process.communicate()
        self.assertEqual(process.returncode, 0, printed)
        return json.loads(self.output.read_text())["runs"], printed

    def test_measures_two_builds_in_the_same_rounds(self):
        (run,), printed = self.results("--models", CASE, "--batches=3", "--threads=1,2", f"--baseline={BUILD}")
        self.assertGreater(run["flops"], 3e7)
        measured = {(worker["peer"], worker["threads"]): worker for worker in run["workers"]}
        self.assertEqual(set(measured), {(peer, threads) for peer in ("oriel", "oriel_baseline") for threads in (1, 2)})
        for worker in measured.values():
            self.assertNotIn("failed", worker)
            self.assertLess(worker["error"], 1e-5)
            self.assertEqual(len(worker["rounds"]), 2)
            self.assertGreater(worker["memory"], 5e6)
        self.assertIn("Oriel against its baseline, 2 configurations", printed)

    def test_numpy_starts_no_threads_beside_the_peers(self):
        count = "import numpy, os; print(len(os.listdir('/proc/self/task')))"
        environment = rounds.worker_environment(types.SimpleNamespace(threads=2))
        printed = subprocess.run([sys.executable, "-c", count], env=environment, capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed, "1\n")

    def test_keeps_the_other_configurations_of_the_file_and_its_peaks(self):
        self.results("--models", CASE, "--batches=1", "--threads=1")
        peaks = {"1": 50.0, "2": 100.0}
        self.output.write_text(json.dumps({**json.loads(self.output.read_text()), "peaks": peaks}))
        runs, _ = self.results("--models", CASE, "--batches=2", "--threads=1", "--update")
        self.assertEqual([run["batch"] for run in runs], [1, 2])
        self.assertEqual(json.loads(self.output.read_text())["peaks"], peaks)

    def test_shows_wrong_logits_as_a_failure(self):
        case = self.scratch / "case"
        shutil.copytree(CASE, case)
        numpy.save(case / "logits.npy", numpy.load(case / "logits.npy")[:, ::-1])
        runs, printed = self.results("--models", case, "--batches=1", "--threads=1")
        self.assertIn("wrong logits", runs[0]["workers"][0]["failed"])
        self.assertIn("failed: wrong logits", printed)

    def test_shows_a_compiler_that_fails_with_its_reason(self):
        case = self.scratch / "case"
        shutil.copytree(CASE, case)
        (case / "weights.safetensors").write_bytes(b"nothing")
        runs, _ = self.results("--models", case, "--batches=1", "--threads=1")
        self.assertRegex(runs[0]["workers"][0]["failed"], "oriel-compile ended with 1: .*weights.safetensors")

    def start_rounds_without_end(self):
        """The process, after three rounds."""
        process = self.start("--models", CASE, "--batches=1", "--threads=1", "--rounds=100000", "--seconds=0.01")
        for line in process.stdout:
            if "round 3 of" in line:
                break
        return process

    def test_leaves_no_worker_behind_when_killed(self):
        process = self.start_rounds_without_end()
        (worker,) = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.communicate(timeout=60)
        deadline = time.monotonic() + 60
        while is_running(worker) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(is_running(worker))

    def test_keeps_what_was_measured_before_an_interrupt(self):
        process = self.start_rounds_without_end()
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, printed)
        self.assertIn("interrupted", printed)
        (run,) = json.loads(self.output.read_text())["runs"]
        self.assertGreaterEqual(len(run["workers"][0]["rounds"]), 3)


if __name__ == "__main__":
    unittest.main()
