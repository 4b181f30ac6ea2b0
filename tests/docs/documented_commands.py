"""Runs the commands that a page shows, so that no page shows one that fails.

documented_commands.py PAGE BIN_DIR

The page's ```sh blocks are run as one shell session, with BIN_DIR on the PATH, in a scratch directory with links to the
root's entries, so that what commands write beside them stays there. A block whose fence has a file name (```c embed.c) is written to that file first. Output that a page shows
(```text) is not compared: times and sizes differ.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# These would set up and build in the scratch directory, or install gigabytes; the tests "demo" and "bench-compare" and this
# run of the tests stand for them.
RUN_ELSEWHERE = re.compile(r"^tools/((demo|test|sweep)\.sh|bench/compare\.py)\b.*\n", re.MULTILINE)


def main():
    page = Path(sys.argv[1]).resolve()
    environment = dict(os.environ, PATH=f"{sys.argv[2]}{os.pathsep}{os.environ['PATH']}")
    fence = re.compile(r"^```(\w+)[ ]?([\w.]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    blocks = fence.findall(page.read_text())
    commands = "".join(text for language, _, text in blocks if language == "sh")
    with tempfile.TemporaryDirectory() as scratch:
        for entry in ROOT.iterdir():
            (Path(scratch) / entry.name).symlink_to(entry)
        for _, name, text in blocks:
            if name:
                (Path(scratch) / name).write_text(text)
        environment["XDG_CACHE_HOME"] = f"{scratch}/.cache"
        session = subprocess.run(
            ["bash", "-eux", "-c", RUN_ELSEWHERE.sub("", commands)],
            cwd=scratch, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
    print(session.stdout[-4000:])
    if session.returncode:
        sys.exit(f"{page.relative_to(ROOT)}: the last command above failed with {session.returncode}")


main()
