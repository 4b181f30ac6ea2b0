"""Checks that the C++ which a page quotes stands in the program that it names, so that what is shown compiles and runs.

quoted_sources.py PAGE

Each ```cpp block must stand, line by line but for its indentation, in the last .cpp file linked above it.
"""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    page = Path(sys.argv[1]).resolve()
    text = page.read_text()
    missing = 0
    for block in re.finditer(r"^```cpp\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        name = re.findall(r"\]\(([\w/.-]+\.cpp)\)", text[: block.start()])[-1]
        lines = [line.strip() for line in (ROOT / name).read_text().splitlines() if line.strip()]
        quoted = [line.strip() for line in textwrap.dedent(block[1]).splitlines() if line.strip()]
        found = any(lines[i : i + len(quoted)] == quoted for i in range(len(lines)))
        missing += not found
        print(f"{'ok' if found else 'FAILED'}: {len(quoted)} lines of {name}")
    sys.exit(1 if missing else 0)


main()
