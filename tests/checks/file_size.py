#!/usr/bin/env -S python3 -B
"""Own sources over 600 lines are listed, and fail unless file_size_allowed.txt names them with a reason."""

import tree

LIMIT = 600

root = tree.parse_root()
allowed = {}
findings = []
list_name = "tests/checks/file_size_allowed.txt"
for number, line in enumerate((root / list_name).read_text(encoding="utf-8").splitlines(), 1):
    if not line.strip() or line.startswith("#"):
        continue
    name, _, reason = line.partition(" ")
    if not reason.strip():
        findings.append(f"{list_name}:{number}: {name} stands there without a reason")
    allowed[name] = reason.strip()

long_files = set()
for name in tree.files(root):
    if not name.endswith((".h", ".cpp")):
        continue
    lines = len((root / name).read_text(encoding="utf-8").splitlines())
    if lines <= LIMIT:
        continue
    long_files.add(name)
    if name in allowed:
        print(f"{name}: {lines} lines, allowed: {allowed[name]}")
    else:
        findings.append(f"{name}: {lines} lines, over {LIMIT}")
for name in sorted(allowed.keys() - long_files):
    findings.append(f"{list_name}: {name} is no longer over {LIMIT} lines: take it out")
tree.finish("file_size", findings)
