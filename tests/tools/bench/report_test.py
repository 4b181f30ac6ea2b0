"""The numbers and the page that tools/bench makes of what was measured."""

import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/bench"))

import page  # noqa: E402
import report  # noqa: E402


def turns(*medians):
    return [{"median": median, "min": median - 1, "p90": median + 1, "runs": 9} for median in medians]


def worker(peer, rounds, threads=1, precision="f32", **fields):
    return {"peer": peer, "label": page.PEERS[peer].label, "precision": precision, "threads": threads, "rounds": rounds,
            "others": [0.0] * len(rounds), "memory": 50e6, "version": "1.0", **fields}


def recorded(*workers, batch=1):
    return {
        "machine": {"cpu": "a processor", "processors": 2, "vectors": "AVX2", "bf16": "none", "caches": {"L1d": "32K"},
                    "memory_gb": 8, "system": "Linux"},
        "peaks": {"1": 100.0, "2": 200.0},
        "runs": [{"model": "net", "batch": batch, "date": "2026-01-01 10:00", "realtime": True, "flops": 1e9,
                  "workers": list(workers), "oriel": "abc1234", "command": "tools/bench/compare.py"}],
    }


class Ratios(unittest.TestCase):
    def test_summarises_a_turn_by_median_minimum_and_nine_tenths(self):
        self.assertEqual(report.summarise([5, 1, 2, 4, 3]), {"median": 3, "min": 1, "p90": 5, "runs": 5})

    def test_pairs_rounds_so_that_a_slow_round_counts_for_both(self):
        oriel, peer = worker("oriel", turns(10, 100, 10)), worker("openvino", turns(15, 150, 15))
        self.assertAlmostEqual(report.ratio(peer, oriel), 1.5)

    def test_takes_the_rounds_that_both_have(self):
        oriel, peer = worker("oriel", turns(10, 10)), worker("openvino", turns(20, 20, 90))
        self.assertAlmostEqual(report.ratio(peer, oriel), 2)

    def test_compares_with_the_fastest_peer_of_float32(self):
        results = recorded(worker("oriel", turns(20)), worker("openvino", turns(30)), worker("onnxruntime", turns(28)),
                           worker("openvino_bf16", turns(10), precision="bf16"))
        (configuration,) = report.configurations(results)
        self.assertEqual(configuration["best"]["peer"], "onnxruntime")
        self.assertAlmostEqual(configuration["ratio"], 1.4)
        self.assertAlmostEqual(configuration["ratio_of_minima"], 27 / 19)

    def test_leaves_a_failed_peer_out_of_the_ratio_however_fast_it_was(self):
        results = recorded(worker("oriel", turns(20)), worker("openvino", turns(30)),
                           worker("onnxruntime", turns(1), failed="wrong logits: relative error 1.4"))
        self.assertEqual(report.configurations(results)[0]["best"]["peer"], "openvino")

    def test_has_no_ratio_where_oriel_failed(self):
        results = recorded(worker("oriel", turns(20), failed="a kernel failed"), worker("openvino", turns(30)))
        self.assertNotIn("ratio", report.configurations(results)[0])
        self.assertIn("no ratio", report.summary(results))

    def test_does_not_take_an_earlier_oriel_for_a_peer(self):
        results = recorded(worker("oriel", turns(20)), worker("oriel_baseline", turns(25)), worker("openvino", turns(30)))
        (configuration,) = report.configurations(results)
        self.assertAlmostEqual(configuration["ratio"], 1.5)
        self.assertAlmostEqual(configuration["ratio_to_baseline"], 1.25)

    def test_tells_the_geometric_mean_and_the_smallest_ratio(self):
        results = recorded(worker("oriel", turns(10)), worker("openvino", turns(20)),
                           worker("oriel", turns(10), threads=2), worker("openvino", turns(80), threads=2))
        self.assertIn("2 configurations: geometric mean 4.00, smallest 2.00", report.summary(results))

    def test_relates_operations_to_the_peak_of_the_threads(self):
        results = recorded(worker("oriel", turns(20)), worker("oriel", turns(10), threads=2))
        self.assertEqual([each["share_of_peak"] for each in report.configurations(results)], [0.5, 0.5])

    def test_relates_two_threads_to_one(self):
        results = recorded(worker("oriel", turns(19)), worker("oriel", turns(10), threads=2))
        self.assertEqual(report.scaling(results), [("net", 1, 1.9)])

    def test_relates_first_runs_to_the_steady_state(self):
        self.assertAlmostEqual(report.first_run_ratio(worker("oriel", turns(10, 10), first_runs_ms=[30, 12, 11])), 1.2)


class Page(unittest.TestCase):
    def section(self, *workers):
        return page.section(recorded(*workers), "performance.svg")

    def test_shows_failures_with_their_reason_and_once(self):
        broken = [worker("iree", [], threads=threads, failed="iree-compile ended with 1: no such op") for threads in (1, 2)]
        text = self.section(worker("oriel", turns(10)), worker("oriel", turns(10), threads=2), *broken)
        self.assertEqual(text.count("failed [1]"), 2)
        self.assertEqual(text.count("IREE: iree-compile ended with 1: no such op"), 1)

    def test_shows_a_peer_that_was_interrupted_as_not_measured(self):
        self.assertIn("ONNX Runtime: not measured", self.section(worker("oriel", turns(10)), worker("onnxruntime", [])))

    def test_shows_bfloat16_beside_the_ratio_not_in_it(self):
        text = self.section(worker("oriel", turns(10)), worker("openvino", turns(15)),
                            worker("openvino_bf16", turns(5), precision="bf16"))
        self.assertIn("| net | 1 | 1 | 10 | 15 | 5 | **1.50**", text)

    def test_names_machine_versions_date_and_command(self):
        text = self.section(worker("oriel", turns(10)), worker("openvino", turns(15), version="2026.4"))
        for part in ("a processor", "OpenVINO 2026.4", "abc1234", "2026-01-01", "`tools/bench/compare.py`", "realtime"):
            self.assertIn(part, text)

    def test_replaces_what_is_between_the_markers_and_nothing_else(self):
        text = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
        self.assertEqual(page.insert(text, "new\n"), f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n")
        with self.assertRaises(SystemExit):
            page.insert("no markers", "new\n")

    def test_docs_hold_what_their_numbers_say(self):
        for name in ("performance", "performance_avx512"):
            text = (ROOT / f"docs/{name}.md").read_text()
            results = json.loads((ROOT / f"docs/{name}.json").read_text())
            self.assertEqual(text, page.insert(text, page.section(results, f"{name}.svg")))


if __name__ == "__main__":
    unittest.main()
