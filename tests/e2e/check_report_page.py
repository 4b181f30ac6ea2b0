#!/usr/bin/env python3
"""Clicks through the page of --dump-ir in Chromium: what each view must show, no error in the console, nothing from the network.

  check_report_page.py --bin build/release/bin [--screenshots DIR]

Swin-T's page stays below 20 MB and its whole dump below 60 MB.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy

from playwright.sync_api import sync_playwright

SWIN = ["swin_tiny_patch4_window7_224", "--weights", "random:1", "--target", "x86-64-v3"]


def compile_model(folder, *arguments, output=None, code=0):
    command = [f"{OPTIONS.bin}/oriel-compile", *arguments, "-o", output or f"{folder}/out.so", f"--dump-ir={folder}/ir", "--report", f"{folder}/report.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{' '.join(command)} exited with {done.returncode}: {done.stderr}")
    return pathlib.Path(folder) / "ir"


class PageTest(unittest.TestCase):
    def setUp(self):
        self.page = BROWSER.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(20000)
        self.problems = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith(("file:", "data:", "blob:")) or self.problems.append(f"asks for {request.url}"))

    def tearDown(self):
        self.page.close()
        self.assertEqual(self.problems, [])

    def open(self, folder):
        self.folder = folder
        self.page.goto(f"file://{folder.resolve()}/index.html")
        self.page.wait_for_selector("#view[data-shown]")

    def go(self, path, wait):
        self.page.evaluate("path => { window.location.hash = path; }", path)
        self.page.wait_for_selector(f"#view[data-shown='#{path}'] {wait}")

    def shot(self, name):
        if OPTIONS.screenshots:
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=f"{OPTIONS.screenshots}/{name}.png")

    def count(self, selector):
        return self.page.locator(selector).count()

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()


class SwinPage(PageTest):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.dump = compile_model(cls.scratch.name, *SWIN)
        cls.report = json.loads(pathlib.Path(cls.scratch.name, "report.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        super().setUp()
        self.open(self.dump)

    def test_sizes(self):
        files = [file for file in self.dump.rglob("*") if file.is_file()]
        page = self.dump / "index.html"
        self.assertLess(page.stat().st_size, 20e6)
        self.assertLess(sum(file.stat().st_size for file in files), 60e6)
        self.assertIn("layers.2.blocks.5.mlp.fc2", page.read_text())

    def test_overview(self):
        self.assertEqual(self.text("#model"), SWIN[0])
        self.assertGreaterEqual(self.count(".tile"), 5)
        self.page.click(".tree tr.link:has-text('layers')")
        self.page.click(".tree tr.link:has-text('layers.2')")
        self.assertIn("layers.2.blocks", self.text(".tree"))
        self.page.fill(".bar input[type=search]", "layers.1.blocks.0.mlp")
        self.assertIn("would be read again", self.text(".remark-list"))
        self.shot("overview")

    def test_each_pass_shows_what_it_changed(self):
        steps = self.page.locator(".steps a")
        self.go("passes", ".steps")
        dumped = [file for file in self.dump.iterdir() if file.suffix == ".mlir"]
        self.assertEqual(steps.count(), len(dumped))
        self.assertGreater(self.count(".steps .unchanged"), 0)
        for number in range(1, steps.count()):
            steps.nth(number).click()
            self.page.wait_for_selector(".diff .line")
            if "pass" in steps.nth(number).locator("..").get_attribute("class"):
                self.assertGreater(self.count(".diff .side.removed, .diff .side.added"), 0, steps.nth(number).inner_text())
        self.page.click(".steps a:has-text('fuse-attention')")
        self.page.wait_for_selector(".diff .folded")
        folded = self.count(".diff .folded")
        self.page.locator(".diff .folded").first.click()
        self.assertLess(self.count(".diff .folded"), folded)
        self.page.fill(".search input", "layers.3.blocks.1.attn")
        self.assertRegex(self.text(".search .count"), r"1 of \d+")
        self.page.press(".search input", "Enter")
        self.assertRegex(self.text(".search .count"), r"2 of \d+")
        self.page.locator(".diff .line.hit").click()
        self.assertIn("layers.3.blocks.1.attn", self.text(".diff-detail"))
        self.shot("passes")

    def test_graph_leads_from_a_module_to_an_op(self):
        self.go("graph", "svg.graph")
        self.assertFalse(self.page.locator(".box.op").first.is_visible())
        self.shot("graph-modules")
        self.page.click(".zooms button:has-text('kernels')")
        self.assertTrue(self.page.locator(".box.kernel > text").first.is_visible())
        self.shot("graph-kernels")
        self.page.click(".zooms button:has-text('ops')")
        self.page.click(".zooms button:has-text('fit')")
        self.go("graph/layer/layers.1.blocks.1.attn.qkv", ".panel .facts")
        panel = self.text(".panel")
        self.assertIn("layers.1.blocks.1.norm1", panel)
        self.assertIn("oriel.layer_norm", panel)
        self.assertIn("oriel.kernel", panel)
        self.assertIn("layer_norm, linear are one kernel", panel)
        self.assertRegex(panel, r"layers\.1\.blocks\.1\.attn: \S+")
        self.page.click(".zooms button:has-text('ops')")
        self.page.locator(".box.kernel.selected").wait_for()
        self.shot("graph-ops")
        op = self.page.locator(".box.op:has(> text:text-is('linear'))").first
        op.dispatch_event("click")
        self.page.wait_for_selector(".panel h3:has-text('Op linear')")
        module = self.page.locator(".box.module").nth(2)
        module.dispatch_event("click")
        self.page.wait_for_selector(".panel h3:has-text('Holds')")

    def test_every_kernel_has_its_statement_and_its_code(self):
        self.go("kernels", "table")
        names = [entry["name"] for entry in self.report["kernels"]]
        self.assertEqual(self.count("tbody tr"), len(names))
        self.page.click("th:has-text('FLOP/B')")
        self.page.fill(".bar input", "attention")
        self.assertEqual(self.count("tbody tr"), sum(name.startswith("attention") for name in names))
        self.page.locator("tbody tr").first.click()
        self.page.wait_for_selector(".columns .facts")
        for number, name in enumerate(names):
            self.go(f"kernels/{name}/assembly", ".code .line.hot, .sentence:has-text('no loop')")
            if number % 4 == 0:
                self.go(f"kernels/{name}/statement", ".code .line")

    def test_a_gemm_from_plan_to_machine_code(self):
        gemm = next(entry for entry in self.report["kernels"] if entry["family"] == "gemm")
        self.go(f"kernels/{gemm['name']}", ".facts")
        self.assertIn(gemm["schedule"], self.text("#view"))
        self.assertEqual(self.count(".launches li"), len(gemm["layers"]))
        self.shot("kernel-plan")
        self.page.click(".parts a:has-text('Schedule')")
        self.page.wait_for_selector(".outline .produce")
        for size, chosen in gemm["parameters"].items():
            self.assertRegex(self.text("table"), rf"{size}\s+{chosen}\b")
        self.shot("kernel-schedule")
        self.page.click(".outline .parallel a, .outline .for a")
        self.page.wait_for_selector(".code .statement-for, .code .statement-parallel")
        height = "() => document.querySelector('.code .lines').clientHeight"
        unfolded = self.page.evaluate(height)
        self.page.locator(".code .fold:has-text('▾')").first.click()
        self.assertLess(self.page.evaluate(height), unfolded)
        self.page.fill(".search input", "produce")
        self.page.wait_for_selector(".line.hit")
        self.shot("kernel-statement")
        self.page.click(".parts a:has-text('Assembly')")
        self.page.wait_for_selector(".line.hot .fma")
        self.assertRegex(self.text(".sentence"), r"\d+ instructions, \d+ multiply-adds of vectors, \d+ spills")
        self.page.click("#hot-loop")
        self.page.click(".functions button")
        self.shot("kernel-assembly")
        self.page.click(".parts a:has-text('IR')")
        self.page.wait_for_selector(".code:has-text('exec.kernel')")
        self.page.click("a:has-text('show in the graph')")
        self.page.wait_for_selector(".box.kernel.selected")

    def test_memory(self):
        self.go("memory", ".chart")
        program = self.page.evaluate("() => page.program")
        self.assertEqual(self.count("rect.block"), len(program["arena"]["blocks"]))
        saved = [remark for remark in self.report["remarks"] if "saved_bytes" in remark]
        self.assertEqual(self.count(".saving"), len(saved))
        self.page.locator("rect.block").nth(3).hover()
        self.assertIn("written by", self.text(".told"))
        self.shot("memory")

    def test_times_of_another_module_are_refused(self):
        self.page.set_input_files("#profile-file", {"name": "other.json", "mimeType": "application/json", "buffer": b'{"kernels": [], "peaks": {}}'})
        self.page.wait_for_selector(".error:has-text('other.json has no times of this module')")

    def test_a_name_is_found(self):
        self.page.fill("#find", "layers.2.blocks.3.mlp.fc2")
        self.page.press("#find", "Enter")
        self.page.wait_for_selector(".panel .facts")
        self.assertIn("layers.2.blocks.3.mlp.fc2", self.text(".panel"))


class MeasuredPage(PageTest):
    def test_shows_times_and_a_roofline(self):
        with tempfile.TemporaryDirectory() as scratch:
            dump = compile_model(scratch, "tests/lit/Tools/Inputs/linear.mlir", "--weights", "random:1", "--target", "x86-64-v3")
            times = pathlib.Path(scratch, "times.json")
            numpy.save(f"{scratch}/x.npy", numpy.ones((2, 64, 48), numpy.float32))
            subprocess.run([f"{OPTIONS.bin}/oriel-run", f"{scratch}/out.so", "--input", f"{scratch}/x.npy", "--repeat", "5", "--threads", "2",
                            f"--profile={times}"], check=True, capture_output=True)
            measured = json.loads(times.read_text())
            self.open(dump)
            self.page.set_input_files("#profile-file", str(times))
            self.page.wait_for_selector("circle")
            self.assertEqual(self.count("circle"), len(measured["kernels"]))
            self.assertIn("x86-64-v3 on 2 threads, mean of 5", self.text("#view"))
            self.page.hover("circle")
            kernel = measured["kernels"][0]
            self.assertIn(f"{100 * kernel['flop_share']:.0f} % of the peak; {kernel['gb_s']:.1f} GB/s, {100 * kernel['bandwidth_share']:.0f} % of the bandwidth", self.text(".told"))
            self.shot("profile")
            self.page.click("circle")
            self.page.wait_for_selector(".facts dt:has-text('of the peak')")
            for view in ["overview", "graph/kernel/0", "kernels"]:
                self.go(view, "*")
            self.assertIn("% of peak", self.text("table"))


class DevicePage(PageTest):
    def test_shows_the_source_that_the_driver_compiles(self):
        with tempfile.TemporaryDirectory() as scratch:
            self.open(compile_model(scratch, "tests/lit/Tools/Inputs/linear.mlir", "--weights", "random:1", "--target", "x86-64-v3,opencl"))
            [kernel] = self.page.evaluate("() => [...page.kernels.keys()]")
            self.go(f"kernels/{kernel}/source/opencl", ".code .line:has-text('__kernel')")
            self.page.click(".parts a:has-text('x86-64-v3')")
            self.go(f"kernels/{kernel}/assembly/x86-64-v3", ".line.hot")


class IncompletePages(PageTest):
    def test_of_a_compilation_that_ends_early(self):
        with tempfile.TemporaryDirectory() as scratch:
            self.open(compile_model(scratch, "mobilevit_xxs", "--compile-to", "fused"))
            for view in ["overview", "passes", "graph", "kernels", "memory", "profile"]:
                self.go(view, "*")
            self.go("graph/layer/stem.conv", ".panel .facts")
            self.assertIn("batch_norm is folded", self.text(".panel"))
            self.assertIn("oriel.batch_norm", self.text(".panel"))

    def test_of_a_graph_without_layers(self):
        with tempfile.TemporaryDirectory() as scratch:
            text = pathlib.Path(scratch, "bare.mlir")
            text.write_text("""func.func @main(%x: tensor<1x8xf32>, %y: tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>) {
              %a = oriel.add %x, %y : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32>
              %s = oriel.softmax %a : (tensor<1x8xf32>) -> tensor<1x8xf32>
              return %a, %s : tensor<1x8xf32>, tensor<1x8xf32>
            }""")
            self.open(compile_model(scratch, str(text), "--weights", "random:1", "--target", "x86-64-v3"))
            for view in ["overview", "passes", "kernels", "memory"]:
                self.go(view, "*")
            self.go("graph/kernel/0", ".panel .next")
            self.assertIn("an intermediate result has other readers", self.text(".panel"))

    def test_of_one_that_fails_or_begins_late(self):
        with tempfile.TemporaryDirectory() as scratch:
            dump = compile_model(scratch, "mobilevit_xxs", "--compile-to", "exec")
            late = pathlib.Path(scratch, "late")
            late.mkdir()
            self.open(compile_model(late, str(next(dump.glob("*-exec.mlir"))), "--weights", "random:1", "--target", "x86-64-v3", output=f"{scratch}/none/out.so", code=1))
            self.assertIn("none/out.so", self.text(".error"))
            self.go("graph", ".hint")
            self.go("memory", "rect.block")


parser = argparse.ArgumentParser()
parser.add_argument("--bin", required=True)
parser.add_argument("--screenshots")
OPTIONS, rest = parser.parse_known_args()
with sync_playwright() as playwright:
    # As root Chromium runs without its sandbox only, and containers have little shared memory.
    BROWSER = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    BROWSER.close()
sys.exit(0 if result.wasSuccessful() else 1)
