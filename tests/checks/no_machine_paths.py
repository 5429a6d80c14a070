#!/usr/bin/env -S python3 -B
"""No tracked file holds a path of somebody's machine."""

import re

import tree

# Written with a group after the slash so that this file does not find itself.
PATHS = re.compile(r"(?<![\w.~/$}-])/(?:work|root|home/\w+)/")

root = tree.parse_root()
findings = []
for name in tree.files(root):
    content = tree.text(root / name)
    for number, line in enumerate((content or "").splitlines(), 1):
        if found := PATHS.search(line):
            findings.append(f"{name}:{number}: {found.group(0)}")
tree.finish("no_machine_paths", findings)
