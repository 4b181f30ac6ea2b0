#!/usr/bin/env python3
"""plot.py RESULTS.json OUTPUT: OUTPUT.png and OUTPUT.svg, times of the peers relative to Oriel's. Needs matplotlib."""

import json
import pathlib
import sys

import matplotlib
import report
from peers import PEERS

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "oriel"  # the same file for the same numbers
from matplotlib import pyplot  # noqa: E402


def relative_times(configuration, peer):
    """The peer's time in units of Oriel's; 0 where either failed."""
    worker = next((worker for worker in configuration["workers"] if worker["peer"] == peer and report.succeeded(worker)), None)
    return report.ratio(worker, configuration["oriel"]) if worker else 0


def draw(results, output):
    found = [configuration for configuration in report.configurations(results) if "oriel" in configuration]
    measured = {worker["peer"] for configuration in found for worker in configuration["workers"] if report.succeeded(worker)}
    peers = [name for name in PEERS if name in measured and name != "oriel"]
    if not found or not peers:
        return
    figure, axes = pyplot.subplots(figsize=(max(6, 1.3 * len(found)), 4.2), layout="constrained")
    width = 0.8 / len(peers)
    for index, peer in enumerate(peers):
        heights = [relative_times(configuration, peer) for configuration in found]
        offset = (index - (len(peers) - 1) / 2) * width
        axes.bar([position + offset for position in range(len(found))], heights, width, label=PEERS[peer].label)
    axes.axhline(1, color="black", linewidth=1, label="Oriel")
    short = lambda model: pathlib.PurePath(model).name.replace("_patch4_window7_224", "").replace(":", "\n")
    labels = [f"{short(each['model'])}\nbatch {each['batch']}\nthreads {each['threads']}" for each in found]
    axes.set_xticks(range(len(found)), labels, fontsize=8)
    axes.set_ylabel("time, Oriel = 1 (lower is faster)")
    axes.legend(fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.16), frameon=False)
    figure.savefig(f"{output}.png", dpi=120, metadata={"Software": None})
    figure.savefig(f"{output}.svg", metadata={"Date": None})


draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2])
