#!/usr/bin/env -S python3 -B
"""Each check passes a clean tree and finds the defect planted in it: a check that can't fail checks nothing."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOT = "."

LOCK = {
    "packages": {
        "": {"dependencies": {"a": "1.0.0"}},
        "node_modules/a": {"version": "1.0.0", "integrity": "sha512-AA=="},
    }
}


def clean_tree(root: Path) -> None:
    def write(name: str, content: str) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    write("third_party/npm/package.json", json.dumps({"dependencies": {"a": "1.0.0"}}))
    write("third_party/npm/package-lock.json", json.dumps(LOCK))
    write("third_party/npm/.npmrc", "omit-lockfile-registry-resolved=true\nignore-scripts=true\n")
    write("tests/checks/file_size_allowed.txt", "src/base/long.cpp it is a table\n")
    write("src/base/long.cpp", "//\n" * 601)
    write("src/base/log.cpp", "#include <spdlog/spdlog.h>\n")
    write("src/crypto/include/egide/crypto/key.h", "#include <cstddef>\n")
    write("README.md", "# A page\n\n[here](docs/a.md#second-heading) `[not](a-link.md)`\n\n```\n[nor](this.md)\n```\n")
    write("docs/a.md", "# First\n\n## Second heading\n\n[back](../README.md)\n")


def plant(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


with_resolved = json.loads(json.dumps(LOCK))
with_resolved["packages"]["node_modules/a"]["resolved"] = "https://example.org/a.tgz"
without_hash = json.loads(json.dumps(LOCK))
del without_hash["packages"]["node_modules/a"]["integrity"]

# check, what is planted, file, content
DEFECTS = [
    ("lockfile", "resolved", "third_party/npm/package-lock.json", json.dumps(with_resolved)),
    ("lockfile", "no integrity", "third_party/npm/package-lock.json", json.dumps(without_hash)),
    ("lockfile", "a range", "third_party/npm/package.json", '{"dependencies": {"a": "^1.0.0"}}'),
    ("lockfile", "scripts allowed", "third_party/npm/.npmrc", "omit-lockfile-registry-resolved=true\n"),
    ("no_registry_hosts", "npm", "a.sh", f"curl https://registry{DOT}npmjs{DOT}org/a\n"),
    ("no_registry_hosts", "Debian", "a.txt", f"deb http://deb{DOT}debian{DOT}org/debian bookworm main\n"),
    ("no_machine_paths", "a home", "a.cmake", "set(x " + "/ro" + "ot/x)\n"),
    ("no_machine_paths", "a checkout", "a.json", '{"path": "' + "/wo" + 'rk/x"}\n'),
    ("owners", "another module", "src/vault/a.cpp", "#include <sodium.h>\n"),
    ("owners", "a call past the guarded place", "src/vault/b.cpp", "#include <curl/curl.h>\n"),
    ("owners", "a public header", "src/storage/include/egide/storage/a.h", "#include <sqlite3.h>\n"),
    ("owners", "a subfolder of the library", "policies/a.cpp", "# include <openssl/evp.h>\n"),
    ("links", "a missing file", "docs/b.md", "[x](nowhere.md)\n"),
    ("links", "a missing heading", "docs/b.md", "[x](a.md#third)\n"),
    ("links", "a way out of the tree", "docs/b.md", "[x](../../x.md)\n"),
    ("file_size", "a long file", "src/base/b.cpp", "//\n" * 601),
    ("file_size", "no reason", "tests/checks/file_size_allowed.txt", "src/base/long.cpp\n"),
    ("file_size", "an old exception", "src/base/long.cpp", "//\n"),
]

failures = 0


def run(check: str, root: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-B", str(HERE / f"{check}.py"), "--root", str(root)], capture_output=True, text=True, check=False
    )


def report(ok: bool, what: str, output: str) -> None:
    global failures
    print(f"{'ok    ' if ok else 'FAILED'}  {what}")
    if not ok:
        print(output)
        failures += 1


with tempfile.TemporaryDirectory() as folder:
    root = Path(folder).resolve() / "clean"
    clean_tree(root)
    for check in sorted({defect[0] for defect in DEFECTS}):
        result = run(check, root)
        report(result.returncode == 0, f"{check} passes a clean tree", result.stdout + result.stderr)
    for check, what, name, content in DEFECTS:
        bad = Path(folder).resolve() / "bad"
        clean_tree(bad)
        plant(bad, name, content)
        result = run(check, bad)
        found = result.returncode == 1 and "finding(s)" in result.stdout
        report(found, f"{check} finds {what}", result.stdout + result.stderr)
        shutil.rmtree(bad)

sys.exit(1 if failures else 0)
