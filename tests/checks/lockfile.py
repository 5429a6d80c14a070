#!/usr/bin/env -S python3 -B
"""The npm lock file names no server and pins every package by its hash; package.json asks for exact versions."""

import json
import re

import tree

root = tree.parse_root()
folder = root / "third_party" / "npm"
findings = []

lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
for name, package in lock["packages"].items():
    if "resolved" in package:
        findings.append(f"package-lock.json: {name} has a member \"resolved\"")
    if name and not str(package.get("integrity", "")).startswith("sha512-"):
        findings.append(f"package-lock.json: {name} has no sha512 integrity")

wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
for group in ("dependencies", "devDependencies"):
    for name, version in wanted.get(group, {}).items():
        if not re.fullmatch(r"\d+\.\d+\.\d+", version):
            findings.append(f"package.json: {name} is not pinned to one version: {version}")
    if wanted.get(group, {}) != lock["packages"][""].get(group, {}):
        findings.append(f"package.json and package-lock.json differ in {group}")

settings = (folder / ".npmrc").read_text(encoding="utf-8").split()
for setting in ("omit-lockfile-registry-resolved=true", "ignore-scripts=true"):
    if setting not in settings:
        findings.append(f".npmrc: {setting} is missing")

tree.finish("lockfile", findings)
