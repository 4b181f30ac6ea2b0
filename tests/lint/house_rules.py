"""Rules of the tree that no compiler checks: sizes, layering, no global options, no unfinished work, no forgotten source."""

import re

from tree import ROOT, project_files, report

SOURCES = ["*.cpp", "*.h", "*.c", "*.S", "*.td"]
MAX_LINES = 500


def matches(pattern, files):
    for path in files:
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if re.search(pattern, line):
                yield f"{path}:{number}"


def within(path, *folders):
    return any(path.is_relative_to(folder) for folder in folders)


def long_files():
    for path in project_files(*SOURCES, "*.py", "*.sh", "*.mlir", "*CMakeLists.txt", "*.cmake"):
        lines = len((ROOT / path).read_text().splitlines())
        if lines > MAX_LINES:
            yield f"{path}: {lines} lines; split a file of more than {MAX_LINES}"


def halide_outside_kernels():
    files = [path for path in project_files(*SOURCES) if not within(path, "compiler/Kernels", "tests")]
    for place in matches(r'#include\s*[<"]Halide\.h', files):
        yield f"{place}: Halide.h is for compiler/Kernels only"


def global_options():
    files = [path for path in project_files(*SOURCES) if within(path, "compiler", "frontend", "models", "runtime")]
    for place in matches(r"\bcl::(opt|list|bits)\s*<", files):
        yield f"{place}: global option; options are one struct, parsed in tools/"


def unfinished_marks():
    files = [path for path in project_files(*SOURCES, "*.py", "*.sh", "*.mlir") if not within(path, "tests/lint")]
    for place in matches(r"\b(TODO|FIXME|XXX|HACK|not implemented|unimplemented)\b", files):
        yield f"{place}: unfinished mark"


def sources_not_built():
    """A source that no CMakeLists.txt of its folder or above names is dead."""
    for path in project_files("*.cpp", "*.c", "*.S"):
        lists = [ROOT / folder / "CMakeLists.txt" for folder in path.parents]
        text = "\n".join(file.read_text() for file in lists if file.exists())
        if not re.search(rf"(?<!\w){re.escape(path.name)}\b", text):
            yield f"{path}: in no CMakeLists.txt"


checks = [long_files, halide_outside_kernels, global_options, unfinished_marks, sources_not_built]
report([finding for check in checks for finding in check()], "house rules")
