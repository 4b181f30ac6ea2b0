"""What the lint scripts share: the project's files, and a plain report."""

import fnmatch
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def project_files(*patterns):
    """Paths (relative to the root) of the files under version control, and new ones, that match a pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    return sorted(
        Path(name)
        for name in set(listed)
        if name and (ROOT / name).is_file() and any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    )


def report(findings, checked):
    """Prints one line a finding; exits with 1 if there is one."""
    for finding in findings:
        print(finding)
    print(f"{checked}: {len(findings)} findings")
    sys.exit(1 if findings else 0)
