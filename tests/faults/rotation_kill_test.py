#!/usr/bin/env python3
"""Kills key rotations and restores of the real program with SIGKILL at random moments, and checks after each kill that
the vault opens, that its whole log verifies from every checkpoint it ever had, and that the person in it can be read:
or, for a restore, that there is no database to serve, and that the restore can begin again.

Usage: rotation_kill_test.py EGIDE [KILLS] [SEED]
"""
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

KINDS = ("root", "signing", "database", "restore")


class Drill:
    def __init__(self, egide, folder):
        self.egide, self.folder = egide, folder
        self.data, self.mirror, self.backup = (os.path.join(folder, name) for name in ("vault", "mirror", "backup"))
        key = os.path.join(folder, "key")
        with open(key, "wb") as out:
            out.write(os.urandom(32))
        self.env = {**os.environ, "EGIDE_KEY_FILE": key}
        self.env.pop("EGIDE_PASSPHRASE_FILE", None)
        self.vkey = self.run("init", "--data", self.data, "--org", "Association Exemple")["vkey"]
        self.dpo = self.run("user", "add", "dpo", "--role", "dpo", "--data", self.data)["token"]
        self.serve_and(self.register)
        self.sizes = 0

    def run(self, *arguments):
        done = subprocess.run([self.egide, *arguments, "--json"], capture_output=True, text=True, env=self.env,
                              stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def serve_and(self, work):
        server = subprocess.Popen([self.egide, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--epoch-mirror",
                                   self.mirror], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env)
        line = server.stdout.readline()
        assert line, "the server did not start: " + server.stderr.read()
        try:
            work(urllib.parse.urlsplit(line.split()[-1]))
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)

    def call(self, address, method, path, body=None):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        headers = {"Authorization": "Bearer " + self.dpo, "Content-Type": "application/json", "X-Purpose": "drill"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def register(self, address):
        code, text = self.call(address, "POST", "/v1/subjects", {"attributes": {"user.name": "Lou Petit"}, "locale": "fr"})
        assert code == 201, text
        self.person = json.loads(text)["id"]

    def read(self, address):
        code, text = self.call(address, "GET", "/v1/subjects/" + self.person)
        assert code == 200, (code, text)

    def command(self, kind):
        if kind == "restore":
            return [self.egide, "restore", "--in", self.backup, "--data", self.data, "--mirror", self.mirror]
        return [self.egide, "key", "rotate", kind, "--data", self.data]

    def prepare(self, kind):
        if kind != "restore":
            return
        if os.path.exists(self.backup):
            os.unlink(self.backup)
        self.run("backup", "--data", self.data, "--out", self.backup)
        self.serve_and(self.read)  # entries that only the tail holds
        shutil.rmtree(self.data)

    def check(self, kind):
        if kind == "restore" and not os.path.exists(os.path.join(self.data, "vault.db")):
            refused = subprocess.run([self.egide, "user", "list", "--data", self.data], capture_output=True, env=self.env,
                                     stdin=subprocess.DEVNULL, check=False)
            assert refused.returncode == 1, "half a restore was opened"
            subprocess.run(self.command(kind), check=True, stdout=subprocess.DEVNULL, env=self.env)
        self.serve_and(self.read)  # finishes what was interrupted
        left = [name for name in os.listdir(self.data) if "next" in name or "pending" in name or name == "restoring"]
        assert not left, left
        checked = self.run("verify", "--data", self.data)
        assert checked["size"] > self.sizes, "the log shrank"
        self.sizes = checked["size"]


def main():
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="egide-rotation-kill-")
    finished, durations = 0, {}
    try:
        drill = Drill(sys.argv[1], folder)
        for number in range(kills):
            kind = KINDS[number % len(KINDS)]
            drill.prepare(kind)
            begun = time.monotonic()
            process = subprocess.Popen(drill.command(kind), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=drill.env)
            try:
                # The first of each kind shows how long it takes; the others die somewhere in that time.
                process.wait(timeout=rng.random() * durations[kind] if kind in durations else 60)
                durations[kind] = time.monotonic() - begun
                finished += 1
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            drill.check(kind)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{kills} rotations and restores, {kills - finished} of them killed: every vault opened")


if __name__ == "__main__":
    main()
