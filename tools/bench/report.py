"""From what was measured to ratios and the table on the terminal.

A worker's record holds the summary of each round. A configuration is all workers of one model, batch and number of threads.
"""

import math
import statistics

BYTES_PER_MB = 1e6


def summarise(samples):
    """Milliseconds of a turn, to the microsecond."""
    ordered = sorted(samples)
    values = {"median": statistics.median(ordered), "min": ordered[0], "p90": ordered[int(0.9 * len(ordered))]}
    return {**{name: round(value, 3) for name, value in values.items()}, "runs": len(ordered)}


def succeeded(worker):
    return "failed" not in worker and bool(worker["rounds"])


def reason(worker):
    return worker.get("failed", "not measured")


def median_ms(worker):
    return statistics.median(turn["median"] for turn in worker["rounds"])


def min_ms(worker):
    return min(turn["min"] for turn in worker["rounds"])


def ratio(worker, reference):
    """How many times as long as `reference` the worker takes: the median over the rounds of the ratio of their medians, so
    that what slows a whole round down counts for both."""
    pairs = zip(worker["rounds"], reference["rounds"])
    return statistics.median(theirs["median"] / ours["median"] for theirs, ours in pairs)


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def configurations(results):
    """A dictionary for each model, batch and number of threads: its "workers", the worker "oriel", the worker "best" (the
    fastest f32 peer), the "ratio" of the two, the "ratio_of_minima", the "ratio_to_baseline" (of an earlier Oriel) and Oriel's
    "share_of_peak", each where it is known."""
    found = []
    for run in results["runs"]:
        for threads in sorted({worker["threads"] for worker in run["workers"]}):
            workers = [worker for worker in run["workers"] if worker["threads"] == threads]
            configuration = {"model": run["model"], "batch": run["batch"], "threads": threads, "workers": workers}
            add_ratios(configuration)
            add_share(configuration, run.get("flops"), results.get("peaks", {}).get(str(threads)))
            found.append(configuration)
    return found


def add_ratios(configuration):
    good = {worker["peer"]: worker for worker in configuration["workers"] if succeeded(worker)}
    oriel = good.pop("oriel", None)
    baseline = good.pop("oriel_baseline", None)
    peers = [worker for worker in good.values() if worker["precision"] == "f32"]
    if oriel:
        configuration["oriel"] = oriel
    if oriel and baseline:
        configuration["ratio_to_baseline"] = ratio(baseline, oriel)
    if peers:
        configuration["best"] = min(peers, key=median_ms)
    if oriel and peers:
        configuration["ratio"] = ratio(configuration["best"], oriel)
        configuration["ratio_of_minima"] = min(map(min_ms, peers)) / min_ms(oriel)


def add_share(configuration, flops, peak_gflops):
    if "oriel" in configuration and flops and peak_gflops:
        configuration["share_of_peak"] = flops / (median_ms(configuration["oriel"]) * 1e6) / peak_gflops


def scaling(results):
    """(model, batch, how many times faster Oriel is on two threads than on one), where both were measured."""
    found = []
    for run in results["runs"]:
        oriel = {worker["threads"]: worker for worker in run["workers"] if worker["peer"] == "oriel" and succeeded(worker)}
        if {1, 2} <= set(oriel):
            found.append((run["model"], run["batch"], ratio(oriel[1], oriel[2])))
    return found


def first_run_ratio(worker):
    """First run after load against the steady state."""
    return statistics.median(worker["first_runs_ms"]) / median_ms(worker)


def text_table(found):
    lines = []
    for configuration in found:
        lines.append(f"{configuration['model']}, batch {configuration['batch']}, threads {configuration['threads']}")
        order = sorted(configuration["workers"], key=lambda worker: median_ms(worker) if succeeded(worker) else math.inf)
        lines += [text_line(worker, configuration.get("oriel")) for worker in order]
        if "ratio" in configuration:
            lines.append(f"  Oriel is {configuration['ratio']:.2f} times as fast as the best f32 peer, "
                         f"{configuration['best']['label']} (minima: {configuration['ratio_of_minima']:.2f})")
        if "share_of_peak" in configuration:
            lines.append(f"  Oriel reaches {configuration['share_of_peak']:.0%} of the multiply-add peak")
    return "\n".join(lines)


def text_line(worker, oriel):
    if not succeeded(worker):
        return f"  {worker['label']:26} failed: {reason(worker)}"
    line = (f"  {worker['label']:26} median {median_ms(worker):8.2f} ms  min {min_ms(worker):8.2f} ms"
            f"  memory {worker['memory'] / BYTES_PER_MB:5.0f} MB")
    if oriel and worker is not oriel:
        line += f"  {ratio(worker, oriel):5.2f} times Oriel's (minima {min_ms(worker) / min_ms(oriel):.2f})"
    return line + f"  other load {statistics.median(worker['others']):.2f}"


def summary(results):
    lines = []
    for key, other in (("ratio", "the best f32 peer"), ("ratio_to_baseline", "its baseline")):
        ratios = [configuration[key] for configuration in configurations(results) if key in configuration]
        if ratios:
            lines.append(f"Oriel against {other}, {len(ratios)} configurations: "
                         f"geometric mean {geometric_mean(ratios):.2f}, smallest {min(ratios):.2f}")
    return "\n".join(lines) or "no ratio: it takes Oriel and a peer that works"
