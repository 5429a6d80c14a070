#!/usr/bin/env python3
"""The first example of each library's README, run as it stands beside a demo.

Usage: readme_test.py EGIDE SOURCE_DIR [COMPILED_TYPESCRIPT]
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

EGIDE, SOURCE = sys.argv[1], sys.argv[2]
COMPILED = sys.argv[3] if len(sys.argv) > 3 else ""
from support import Demo  # noqa: E402


def first_example(readme, language):
    with open(os.path.join(SOURCE, readme), encoding="utf-8") as text:
        section = text.read().split("## First example", 1)[1]
    return re.search(rf"```{language}\n(.*?)```", section, re.S).group(1)


class Readmes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo(EGIDE)
        cls.home = os.path.join(cls.demo.folder, "home")
        place = os.path.join(cls.home, ".local/share/egide-demo")
        os.makedirs(place)
        shutil.copy(os.path.join(cls.demo.data, "demo.json"), place)

    @classmethod
    def tearDownClass(cls):
        cls.demo.close()

    def check(self, command, **env):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60,
                              env={**os.environ, "HOME": self.home, **env})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 4, done.stdout)
        self.assertRegex(lines[0], r"^allowed: p_")
        self.assertRegex(lines[0], r"user\.demographic\.profile\.skills")
        self.assertEqual(lines[1], "denied:  consent_missing")

    def test_python(self):
        self.check([sys.executable, "-B", "-c", first_example("clients/python/README.md", "python")],
                   PYTHONPATH=os.path.join(SOURCE, "clients/python/src"))

    def test_typescript(self):
        if not COMPILED or not os.path.exists(os.path.join(COMPILED, "index.js")):
            self.skipTest("the TypeScript library was not compiled")
        package = os.path.join(self.demo.folder, "node_modules/@egide/client")
        shutil.copytree(COMPILED, os.path.join(package, "dist"))
        shutil.copy(os.path.join(SOURCE, "clients/typescript/package.json"), package)
        program = os.path.join(self.demo.folder, "example.mjs")
        with open(program, "w", encoding="utf-8") as out:
            out.write(first_example("clients/typescript/README.md", "js"))
        self.check(["node", program])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
