#!/usr/bin/env python3
"""Writes what compare.py measured into a page, between its markers.

  tools/bench/page.py docs/performance.md     from docs/performance.json; the plot too
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess

import report
from environment import HERE, ensure_environment
from peers import PEERS

BEGIN, END = "<!-- begin: tools/bench/compare.py -->", "<!-- end: tools/bench/compare.py -->"


def markdown_table(header, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows])


def distinct(results, field, quote=""):
    return ", ".join(f"{quote}{value}{quote}" for value in sorted({run[field] for run in results["runs"]}))


def machine_text(results):
    machine, dates = results["machine"], sorted(run["date"] for run in results["runs"])
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    versions = sorted({f"{worker['label']} {worker['version']}" for run in results["runs"] for worker in run["workers"]
                       if "version" in worker and worker["peer"] != "oriel"})
    realtime = "with" if all(run["realtime"] for run in results["runs"]) else "without"
    peak = f"; multiply-add peak {results['peaks']['1']:.0f} GFLOP/s a core" if results["peaks"] else ""
    shares = [share for run in results["runs"] for worker in run["workers"] for share in worker["others"]]
    load = statistics.median(shares) if shares else 0
    return (f"Measured {dates[0]} to {dates[-1]}, {realtime} realtime priority, by {distinct(results, 'command', '`')} on: "
            f"{machine['cpu']}, {machine['processors']} processors, {machine['vectors']}, {caches}, {machine['memory_gb']} GB, "
            f"{machine['system']}{peak}. Other programs used {load:.1f} processors meanwhile. "
            f"Oriel at {distinct(results, 'oriel')}; {'; '.join(versions)}.")


def peers_of(results):
    measured = {worker["peer"] for run in results["runs"] for worker in run["workers"]}
    return [name for name in PEERS if name in measured]


def worker_of(configuration, peer):
    return next((worker for worker in configuration["workers"] if worker["peer"] == peer), None)


def time_cell(worker, failures):
    """The median, or a mark with the reason added to the footnotes."""
    if worker is None:
        return ""
    if report.succeeded(worker):
        return f"{report.median_ms(worker):.3g}"
    text = f"{worker['label']}: {report.reason(worker)}"
    if text not in failures:
        failures.append(text)
    return f"failed [{failures.index(text) + 1}]"


def time_table(results, failures):
    peers = peers_of(results)
    rows = []
    for configuration in sorted(report.configurations(results), key=lambda each: each["batch"]):
        row = [configuration["model"], str(configuration["batch"]), str(configuration["threads"])]
        row += [time_cell(worker_of(configuration, peer), failures) for peer in peers]
        has_ratio, has_share = "ratio" in configuration, "share_of_peak" in configuration
        row.append(f"**{configuration['ratio']:.2f}** ({configuration['ratio_of_minima']:.2f})" if has_ratio else "")
        row.append(f"{configuration['share_of_peak']:.0%}" if has_share else "")
        rows.append(row)
    return markdown_table(["model", "batch", "threads", *[PEERS[peer].label for peer in peers], "ratio", "of peak"], rows)


def memory_table(results):
    """Batch 1 on the least number of threads."""
    peers, rows = peers_of(results), []
    for run in results["runs"]:
        if run["batch"] == 1:
            threads = min(worker["threads"] for worker in run["workers"])
            cells = {worker["peer"]: f"{worker['memory'] / report.BYTES_PER_MB:.0f}" for worker in run["workers"]
                     if worker["threads"] == threads and "memory" in worker}
            rows.append([run["model"], *[cells.get(peer, "") for peer in peers]])
    return markdown_table(["model", *[PEERS[peer].label for peer in peers]], rows)


def oriel_table(results):
    first = {(each["model"], each["batch"], each["threads"]): report.first_run_ratio(each["oriel"])
             for each in report.configurations(results) if "first_runs_ms" in each.get("oriel", {})}
    scaling = {(model, batch): value for model, batch, value in report.scaling(results)}
    cell = lambda value: f"{value:.2f}" if value else ""
    rows = []
    for run in results["runs"]:
        key = (run["model"], run["batch"])
        first_runs = [cell(first.get((*key, threads))) for threads in (1, 2)]
        rows.append([run["model"], str(run["batch"]), cell(scaling.get(key)), *first_runs])
    return markdown_table(["model", "batch", "two threads to one", "first run to steady, 1 thread", "2 threads"], rows)


def section(results, plot):
    """The generated part of the page."""
    failures = []
    times = time_table(results, failures)
    notes = "\n".join(f"{index}. {text}" for index, text in enumerate(failures, 1))
    parts = [machine_text(results), f"**{report.summary(results)}.**", "Milliseconds, medians:", times, notes,
             f"![Times relative to Oriel's]({plot})" if plot else "",
             "Peak memory at batch 1, MB of a process, of which Python and numpy are 28:", memory_table(results),
             "Oriel on two threads against one, and its first run after load against the steady state:", oriel_table(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def insert(text, generated):
    """The page's text with the part between the markers replaced."""
    pattern = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"page.py: the page lacks the line {BEGIN} or {END}")
    return pattern.sub(lambda match: f"{match[1]}\n{generated}\n{match[2]}", text)


def publish(results, page):
    """Writes JSON and plot (PNG and SVG) beside the page, and the page's generated part."""
    page.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    python = ensure_environment("main")
    subprocess.run([python, HERE / "plot.py", page.with_suffix(".json"), page.with_suffix("")], check=True)
    page.write_text(insert(page.read_text(), section(results, page.with_suffix(".svg").name)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=pathlib.Path, metavar="PAGE")
    page = parser.parse_args().page
    measured = page.with_suffix(".json")
    if not page.is_file() or not measured.is_file():
        parser.error(f"needs {page} and {measured}")
    publish(json.loads(measured.read_text()), page)


if __name__ == "__main__":
    main()
