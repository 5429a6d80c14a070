#!/usr/bin/env -S python3 -B
"""No tracked file names the host of a package registry: builds use whatever source the machine is set up for."""

import re

import tree

# Written with [.] so that this file does not find itself.
HOSTS = re.compile(
    r"registry[.]npmjs|npmjs[.]org|registry[.]yarnpkg|npmmirror[.]com|unpkg[.]com|jsdelivr[.]net"
    r"|(deb|security|ftp|http|httpredir|snapshot)[.]debian[.]org|archive[.]ubuntu[.]com|deb[.]nodesource"
    r"|proxy[.]golang[.]org|sum[.]golang[.]org|pythonhosted[.]org|pypi[.]org|(static|index)[.]crates[.]io"
    r"|registry-1[.]docker|docker[.]io|ghcr[.]io|quay[.]io|conan[.]io|rubygems[.]org|repo[.]maven",
    re.IGNORECASE,
)

root = tree.parse_root()
findings = []
for name in tree.files(root):
    content = tree.text(root / name)
    for number, line in enumerate((content or "").splitlines(), 1):
        if found := HOSTS.search(line):
            findings.append(f"{name}:{number}: {found.group(0)}")
tree.finish("no_registry_hosts", findings)
