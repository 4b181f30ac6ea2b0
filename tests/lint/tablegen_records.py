"""Every op and pass has a summary and a description with an example; every pass has a lit test named after its flag.

tablegen_records.py LLVM_TBLGEN INCLUDE_DIR
"""

import json
import re
import subprocess
import sys

from tree import ROOT, project_files, report


def records():
    """The ops and passes that the project's .td files define, as (name, kind, record); "argument" is a pass' flag or an
    op's full name."""
    llvm_tblgen, include_dir = sys.argv[1:]
    found = {}
    for path in project_files("*.td"):
        dumped = subprocess.run(
            [llvm_tblgen, "--dump-json", "-I", ROOT, "-I", include_dir, ROOT / path], capture_output=True, text=True
        )
        if dumped.returncode:
            sys.exit(f"{path}: does not stand alone: {dumped.stderr.strip().splitlines()[0]}")
        table = json.loads(dumped.stdout)
        for kind in ("Op", "PassBase"):
            for name in table["!instanceof"].get(kind, []):
                record = table[name]
                if kind == "Op":
                    record["argument"] = f"{table[record['opDialect']['def']]['name']}.{record['opName']}"
                found[name] = (kind, record)
    return [(name, *value) for name, value in sorted(found.items())]


def example_of(text, wanted):
    blocks = re.findall(r"```mlir\n(.*?)```", text, re.DOTALL)
    return any(wanted in block for block in blocks)


def undocumented(name, kind, record):
    if not record["summary"]:
        yield f"{name}: no summary"
    description = record["description"]
    # An op's example shows the op; a pass' example shows IR.
    wanted = record["argument"] if kind == "Op" else "%"
    if not example_of(description, wanted):
        yield f"{name}: no ```mlir example in its description"


def untested(name, record):
    flag = record["argument"]
    tests = project_files(f"tests/lit/*/{flag}.mlir", f"tests/lit/*/{flag}-*.mlir")
    if not any(re.search(rf"RUN:.*-{re.escape(flag)}\b", (ROOT / test).read_text()) for test in tests):
        yield f"{name}: no tests/lit/**/{flag}.mlir that runs --{flag}"


everything = records()
findings = [finding for entry in everything for finding in undocumented(*entry)]
findings += [finding for name, kind, record in everything if kind == "PassBase" for finding in untested(name, record)]
report(findings, f"{len(everything)} ops and passes")
