#!/usr/bin/env -S python3 -B
"""Each npm lock file names no server and pins every package by its hash; package.json asks for exact versions."""

import json
import re
from pathlib import Path

import tree

root = tree.parse_root()
findings = []


def check(folder: Path) -> None:
    name = folder.relative_to(root)
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    for package, entry in lock["packages"].items():
        if "resolved" in entry:
            findings.append(f"{name}/package-lock.json: {package} has a member \"resolved\"")
        if package and not str(entry.get("integrity", "")).startswith("sha512-"):
            findings.append(f"{name}/package-lock.json: {package} has no sha512 integrity")

    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    for group in ("dependencies", "devDependencies"):
        for package, version in wanted.get(group, {}).items():
            if not re.fullmatch(r"\d+\.\d+\.\d+", version):
                findings.append(f"{name}/package.json: {package} is not pinned to one version: {version}")
        if wanted.get(group, {}) != lock["packages"][""].get(group, {}):
            findings.append(f"{name}: package.json and package-lock.json differ in {group}")

    settings = (folder / ".npmrc").read_text(encoding="utf-8").split()
    for setting in ("omit-lockfile-registry-resolved=true", "ignore-scripts=true"):
        if setting not in settings:
            findings.append(f"{name}/.npmrc: {setting} is missing")


locks = [name for name in tree.files(root) if name.endswith("package-lock.json")]
for lock_file in locks:
    check((root / lock_file).parent)
if not locks:
    findings.append("no package-lock.json was found")
tree.finish("lockfile", findings)
