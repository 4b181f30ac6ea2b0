#!/usr/bin/env python3
"""Measures Oriel and its peers on this processor, side by side in interleaved rounds.

  tools/bench/compare.py                                          the models, batches and threads of docs/performance.md
  tools/bench/compare.py --models mobilevit_xs swin_tiny_patch4_window7_224:image_size=448 --batches 3
  tools/bench/compare.py --peers oriel,oriel_baseline --baseline ../before/build/release

Peers are installed under $ORIEL_PEERS_DIR (default ~/.cache/oriel-peers) by the first run that wants them. Every output is
compared with PyTorch's logits; a peer that fails or is wrong is shown with the reason. Ctrl-C ends the run and keeps what was
measured. docs/performance.md says what the numbers mean.
"""

import argparse
import itertools
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import page
import report
from environment import PROJECT, EnvironmentFailure
from machine import describe_machine, measure_peaks
from peers import DEFAULT_PEERS, PEERS
from rounds import realtime_allowed
from run import Run

MODELS = ["mobilevit_xxs", "mobilevit_s", "swin_tiny_patch4_window7_224"]


def names(text):
    return text.split(",")


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="MODEL",
                        help="NAME[:KEY=VALUE...] of timm with random weights, or a folder with weights, input and logits")
    parser.add_argument("--batches", type=numbers, default=[1, 8])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--peers", type=names, default=DEFAULT_PEERS, help=f"some of {','.join(PEERS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="a peer's turn in a round")
    parser.add_argument("--realtime", action="store_true", help="time with realtime priority, where that is allowed")
    parser.add_argument("--build", type=pathlib.Path, default=PROJECT / "build/release", help="Oriel's build folder")
    parser.add_argument("--baseline", type=pathlib.Path, help="build folder of the peer oriel_baseline")
    parser.add_argument("--target", default="host", help="Oriel's --target")
    parser.add_argument("--output", type=pathlib.Path, default=PROJECT / "build/performance.json", help="the JSON to write")
    parser.add_argument("--peaks", action=argparse.BooleanOptionalAction, default=True,
                        help="measure the multiply-add peak with kernel-bench")
    parser.add_argument("--update", action="store_true", help="keep the other configurations of the output file")
    parser.add_argument("--publish", type=pathlib.Path, metavar="PAGE",
                        help="also write the table into this page, and beside it the JSON and the plot")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.peers if name not in PEERS]
    if unknown:
        parser.error(f"no peer {unknown[0]}; there are {', '.join(PEERS)}")
    if arguments.baseline and "oriel_baseline" not in arguments.peers:
        arguments.peers = [*arguments.peers, "oriel_baseline"]
    if "oriel_baseline" in arguments.peers and not arguments.baseline:
        parser.error("oriel_baseline needs --baseline")
    return arguments


def start_results(arguments):
    """What stands in the JSON before the first run, those of an earlier file with --update among it."""
    earlier = json.loads(arguments.output.read_text()) if arguments.update and arguments.output.exists() else {}
    return {
        "machine": describe_machine(),
        "peaks": measure_peaks(arguments.build, arguments.threads) if arguments.peaks else earlier.get("peaks", {}),
        "runs": earlier.get("runs", []),
    }


def origin():
    """Where a run comes from: Oriel's commit and the command."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True)
    return {"oriel": commit.stdout.strip(), "command": shlex.join(["tools/bench/compare.py", *sys.argv[1:]])}


def store(record, results, output):
    """Puts a run in its place, writes the file, prints the run. One of which nothing is known is left out."""
    if not any(worker["rounds"] or "failed" in worker for worker in record["workers"]):
        return
    same = [(other["model"], other["batch"]) == (record["model"], record["batch"]) for other in results["runs"]]
    results["runs"] = [other for other, replaced in zip(results["runs"], same) if not replaced] + [record]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=1) + "\n")
    print(report.text_table(report.configurations({**results, "runs": [record]})), flush=True)


def main():
    arguments = parse_arguments()
    if arguments.realtime and not realtime_allowed():
        print("realtime priority is not allowed here; timing without it")
        arguments.realtime = False
    results = start_results(arguments)
    try:
        for model, batch in itertools.product(arguments.models, arguments.batches):
            with tempfile.TemporaryDirectory(prefix="oriel-compare-") as scratch:
                run = Run(arguments, model, batch, pathlib.Path(scratch))
                try:
                    run.measure()
                finally:
                    store({**run.record(), **origin()}, results, arguments.output)
    except KeyboardInterrupt:
        print("interrupted; what was measured is kept")
    except EnvironmentFailure as error:
        sys.exit(f"compare.py: {error}")
    if not results["runs"]:
        sys.exit("compare.py: nothing was measured")
    print(report.summary(results))
    if arguments.publish:
        page.publish(results, arguments.publish)


if __name__ == "__main__":
    main()
