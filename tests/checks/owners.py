#!/usr/bin/env -S python3 -B
"""Each third-party library has one owner: only its folder and the owner's own tests include the library's headers, and no
public header does."""

import re

import tree

OWNERS = {
    "spdlog/": ("src/base/", "tests/unit/base/"),
    "fmt/": ("src/base/", "tests/unit/base/"),
    "sodium.h": ("src/crypto/", "tests/unit/crypto/"),
    "sodium/": ("src/crypto/", "tests/unit/crypto/"),
    "openssl/": ("src/crypto/", "tests/unit/crypto/"),
    # The fault tests put a file system of their own under the database.
    "sqlite3.h": ("src/storage/", "tests/unit/storage/", "tests/faults/"),
    # Calls to addresses that people typed; and the log of a server that the operator names on the command line.
    "curl/": ("src/outbound/", "src/app/"),
    "libpq-fe.h": ("src/storage/", "tests/unit/storage/"),
    "re2/": ("api/", "tests/unit/api/"),
    # The benchmark's baseline is an ordinary Pistache server, with nothing of egide in it.
    "pistache/": ("api/", "tests/unit/api/", "tests/bench/empty_pistache.cpp"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')

root = tree.parse_root()
findings = []
for name in tree.files(root):
    if not name.endswith((".h", ".cpp", ".cc", ".c", ".hpp")):
        continue
    public = "/include/egide/" in f"/{name}"
    for number, line in enumerate((root / name).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        for header, folders in OWNERS.items():
            if not match.group(1).startswith(header):
                continue
            if public:
                findings.append(f"{name}:{number}: <{match.group(1)}> in a public header")
            elif not name.startswith(folders):
                findings.append(f"{name}:{number}: <{match.group(1)}> belongs to {folders[0]}")
tree.finish("owners", findings)
