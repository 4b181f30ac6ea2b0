#!/usr/bin/env python3
"""Prints the reference page of the command line: what each tool's --help says.

  cli_reference.py BIN_DIR TOOL...
"""
import subprocess
import sys

HEAD = """<!-- What the tools' --help says; to renew: ninja -C build/release docs -->

# Command line

Exit codes of every tool: 0 done, 1 failed, 2 wrong usage. An error is one line on standard error.

Three tools are MLIR's own with Oriel's dialects and passes; their options are MLIR's (`--help` lists them):

| tool | is | example |
|---|---|---|
| `oriel-opt` | `mlir-opt`: runs passes on a file; flags are those of [passes-transforms](passes-transforms.md) and [passes-conversion](passes-conversion.md) | `oriel-opt --fuse-conv-silu --remarks-filter=fusion model.mlir` |
| `oriel-reduce` | `mlir-reduce`: makes a graph smaller while a script finds it interesting (exits with other than 0) | `oriel-reduce --reduce-graph='test=interesting.sh' model.mlir` |
| `oriel-lsp-server` | `mlir-lsp-server`: an editor's errors, definitions, completion, and hovers that say what an op is | `{ "mlir.server_path": "build/release/bin/oriel-lsp-server" }` |
"""


def main():
    bin_dir, *tools = sys.argv[1:]
    print(HEAD)
    for tool in sorted(tools):
        done = subprocess.run([f"{bin_dir}/{tool}", "--help"], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{tool} --help exited with {done.returncode}: {done.stderr}")
        text = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        print(f"## {tool}\n\n```text\n{text}\n```\n")


main()
