#!/usr/bin/env -S python3 -B
"""Relative links in Markdown files lead to a file that is there, and to a heading that is there."""

import re
from pathlib import Path

import tree

LINK = re.compile(r"\[[^\]\[]*(?:\[[^\]]*\][^\]\[]*)*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")


def without_code(content: str) -> list[str]:
    """The lines, those of fenced blocks and the content of inline code left empty."""
    lines, fence = [], None
    for line in content.splitlines():
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and fence is None:
            fence = mark.group(1)
            lines.append("")
        elif fence is not None:
            if mark and mark.group(1).startswith(fence):
                fence = None
            lines.append("")
        else:
            lines.append(re.sub(r"`[^`]*`", "``", line))
    return lines


def anchors(path: Path) -> set[str]:
    """The ids that hosting platforms give to a document's headings."""
    found: dict[str, int] = {}
    ids = set()
    content = path.read_text(encoding="utf-8")
    fenced = without_code(content)
    for raw, line in zip(content.splitlines(), fenced):
        if not line:
            continue
        if match := HEADING.match(raw):
            title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1))
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            count = found.get(slug, 0)
            found[slug] = count + 1
            ids.add(slug if count == 0 else f"{slug}-{count}")
    return ids


root = tree.parse_root()
findings = []
for name in tree.files(root):
    if not name.endswith(".md"):
        continue
    page = root / name
    for number, line in enumerate(without_code(page.read_text(encoding="utf-8")), 1):
        for target in LINK.findall(line):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.is_relative_to(root):
                findings.append(f"{name}:{number}: {target} leads out of the tree")
            elif not there.exists():
                findings.append(f"{name}:{number}: {target} is not there")
            elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                findings.append(f"{name}:{number}: {target}: no such heading")
tree.finish("links", findings)
