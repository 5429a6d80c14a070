"""What the checks of the tree share: which files there are, and how a check reports.

A check takes --root DIR (default: this checkout) so that self_test.py can run it on a tree with a planted defect.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def parse_root() -> Path:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    return parser.parse_args().root.resolve()


def files(root: Path) -> list[str]:
    """Tracked files, relative to root; outside a git checkout, every file but build products."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
    else:
        names = []
        for folder, folders, here in os.walk(root):
            folders[:] = [f for f in folders if f not in {".git", "build", "node_modules"}]
            names += [os.path.relpath(os.path.join(folder, name), root) for name in here]
    return sorted(name for name in names if name and (root / name).is_file())


def text(path: Path) -> str | None:
    """The text of a file, None for a binary one."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def finish(what: str, findings: list[str]) -> None:
    """Prints each finding and ends the program: 0 without findings, else 1."""
    for finding in findings:
        print(finding)
    print(f"{what}: {'ok' if not findings else f'{len(findings)} finding(s)'}")
    sys.exit(1 if findings else 0)
