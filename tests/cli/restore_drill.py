#!/usr/bin/env python3
"""The restore drill, with the real program: back up a running vault, erase one person, withdraw another's consent,
destroy the vault's directory, restore, and see that the first is gone and the second denied from the first answer on;
that the log goes on; and that the old backup, with the old root key but without its day's epoch key, opens for nobody.

Usage: restore_drill.py EGIDE
"""
import base64
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

EGIDE = sys.argv[1]
PURPOSE = "ai.mission_matching"
CANARY = "Canary-Zoé-Martin"


def egide(*arguments, env, code=0):
    done = subprocess.run([EGIDE, *arguments], capture_output=True, text=True, env={**os.environ, **env},
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != code:
        raise AssertionError(f"egide {arguments} ended with {done.returncode}, not {code}:\n{done.stdout}{done.stderr}")
    return done


class Server:
    def __init__(self, data, mirror, env):
        self.process = subprocess.Popen(
            [EGIDE, "serve", "--listen", "127.0.0.1:0", "--data", data, "--epoch-mirror", mirror],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **env})
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the server did not start")
        self.url = line.split()[-1]

    def call(self, method, path, token, body=None, headers=None):
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        sent = {"Authorization": "Bearer " + token, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text, answer.headers

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.end()

    def end(self):
        self.process.wait(timeout=60)
        self.process.stdout.close()


# RFC 9162, 2.1.4.2, written from the text: the program's own verifier is not asked.
def consistent(first, second, first_root, second_root, proof):
    def node(left, right):
        return hashlib.sha256(b"\x01" + left + right).digest()
    if first == second:
        return not proof and first_root == second_root
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def head(note):
    lines = note.decode().split("\n")
    return int(lines[1]), base64.b64decode(lines[2])


class RestoreDrill(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="egide-drill-")
        self.data, self.mirror = (os.path.join(self.folder, name) for name in ("vault", "mirror"))
        self.backup = os.path.join(self.folder, "backup")
        self.env = {"EGIDE_PASSPHRASE_FILE": self.write("passphrase", "correct horse battery staple\n")}
        made = egide("init", "--data", self.data, "--org", "Association Exemple", "--origin", "drill.example.org/log",
                     "--json", env=self.env)
        self.vkey = json.loads(made.stdout)["vkey"]
        self.dpo = self.token("user", "add", "dpo", "--role", "dpo")
        self.auditor = self.token("user", "add", "auditor", "--role", "auditor")
        self.tool = self.token("tool", "add", "matcher", "--purpose", PURPOSE)
        self.server = Server(self.data, self.mirror, self.env)

    def tearDown(self):
        if self.server is not None and self.server.process.poll() is None:
            self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def token(self, *arguments):
        return json.loads(egide(*arguments, "--data", self.data, "--json", env=self.env).stdout)["token"]

    def person(self, name, email):
        code, text, _ = self.server.call("POST", "/v1/subjects", self.dpo, {"attributes": {
            "user.name": name, "user.contact.email": email, "user.demographic.date_of_birth": "1980-02-29"},
            "locale": "fr"})
        self.assertEqual(code, 201, text)
        subject = json.loads(text)["id"]
        self.consent(subject, "given")
        return subject

    def consent(self, subject, status):
        code, text, _ = self.server.call("POST", f"/v1/subjects/{subject}/consents", self.dpo, {
            "purpose": PURPOSE, "status": status, "channel": "paper", "evidence": "form 12"})
        self.assertEqual(code, 201, text)

    def decision(self, subject):
        code, text, _ = self.server.call("POST", "/access/v1/evaluation", self.tool, {
            "subject": {"type": "application", "id": "matcher"}, "resource": {"type": "person", "id": subject},
            "action": {"name": "process", "properties": {"purpose": PURPOSE}}})
        self.assertEqual(code, 200, text)
        return json.loads(text)["decision"]

    def erase(self, subject):
        code, text, headers = self.server.call("POST", "/v1/requests", self.dpo, {"type": "erasure", "subject": subject})
        self.assertEqual(code, 201, text)
        path = "/v1/requests/" + json.loads(text)["id"] + "/transitions"
        for state in ("in_progress", "fulfilled"):
            code, text, headers = self.server.call("POST", path, self.dpo, {"to": state}, {"If-Match": headers["ETag"]})
            self.assertEqual(code, 200, text)

    def checkpoint(self):
        return self.server.call("GET", "/log/checkpoint", self.auditor)[1]

    def restore(self, *arguments, code=0):
        return egide("restore", "--in", self.backup, "--data", self.data, *arguments, env=self.env, code=code)

    def refused(self, *arguments):
        done = self.restore(*arguments, code=1)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.data, "vault.db")))
        self.assertNotIn(CANARY, done.stderr + done.stdout)
        return done.stderr

    def test_erased_stays_erased(self):
        erased = self.person(CANARY, "zoe@example.org")
        withdrawn = self.person("Ali Durand", "ali@example.org")
        kept = self.person("Lou Petit", "lou@example.org")
        made = json.loads(egide("backup", "--data", self.data, "--out", self.backup, "--json", env=self.env).stdout)
        self.assertEqual(made["people"], 3)
        self.assertTrue(all(self.decision(person) for person in (erased, withdrawn, kept)))

        self.erase(erased)
        self.consent(withdrawn, "withdrawn")
        self.assertFalse(self.decision(withdrawn))
        held = self.checkpoint()
        pin = self.write("held.checkpoint", held.decode())
        self.server.kill()  # and the machine with it: no last word to the mirror
        shutil.rmtree(self.data)

        # Without the tail nothing is restored; nor with a pin that says more; nor without the key of the day.
        keys = os.path.join(self.mirror, "epoch.keys")
        self.assertIn("--log-tail", self.refused("--epoch-keys", keys))
        self.assertIn("Sealed for restore", self.refused("--epoch-keys", keys, "--without-tail", "--pin", pin))
        self.refused("--log-tail", self.mirror)
        destroyed = self.write("destroyed.keys", '{"version": 1, "keys": []}')
        self.assertIn("destroyed", self.refused("--log-tail", self.mirror, "--epoch-keys", destroyed))

        report = json.loads(self.restore("--mirror", self.mirror, "--pin", pin, "--json").stdout)
        self.assertEqual((report["repeated"]["erased"], report["repeated"]["withdrawn"]), (1, 1))
        again = self.restore("--mirror", self.mirror, code=1)
        self.assertIn("move vault.db away", again.stderr)

        self.server = Server(self.data, self.mirror, self.env)
        self.assertFalse(self.decision(withdrawn))
        self.assertFalse(self.decision(erased))
        self.assertTrue(self.decision(kept))
        code, text, _ = self.server.call("GET", f"/v1/subjects/{erased}", self.dpo, headers={"X-Purpose": "drill"})
        self.assertEqual(code, 410, text)
        self.assertNotIn(CANARY.encode(), text)
        code, text, _ = self.server.call("GET", f"/v1/subjects/{kept}", self.dpo, headers={"X-Purpose": "drill"})
        self.assertEqual(code, 200, text)

        # The log goes on: what was held before is a prefix of it, for two verifiers.
        egide("verify", "--url", self.server.url, "--vkey", self.vkey, "--from", pin, env=self.env)
        old_size, old_root = head(held)
        code, body, _ = self.server.call("GET", f"/v1/audit/consistency?old={old_size}", self.auditor)
        self.assertEqual(code, 200, body)
        proof, note = body.split(b"\n\n", 1)
        hashes = [base64.b64decode(line) for line in proof.split(b"\n")[1:] if line]
        size, root = head(note)
        self.assertGreater(size, old_size)
        self.assertTrue(consistent(old_size, size, old_root, root, hashes))
        self.assertFalse(consistent(old_size, size, bytes(32), root, hashes))
        self.server.stop()
        egide("verify", "--data", self.data, "--vkey", self.vkey, env=self.env)
        egide("doctor", "--data", self.data, env=self.env)

    def test_a_backup_runs_beside_writers_and_refuses_to_overwrite(self):
        people = [self.person(f"Person {i}", f"p{i}@example.org") for i in range(3)]
        process = subprocess.Popen([EGIDE, "backup", "--data", self.data, "--out", self.backup, "--json"],
                                   stdout=subprocess.PIPE, text=True, env={**os.environ, **self.env})
        while process.poll() is None:
            self.consent(people[0], "withdrawn")
            self.consent(people[0], "given")
        self.assertEqual(process.returncode, 0)
        process.stdout.close()
        egide("backup", "--data", self.data, "--out", self.backup, env=self.env, code=1)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("backup")], ["backup"])
        self.server.stop()
        shutil.rmtree(self.data)
        self.restore("--mirror", self.mirror)
        # Given again after the last withdrawal of the tail: the restore keeps the denial, and lists what is lost.
        self.server = Server(self.data, self.mirror, self.env)
        self.assertTrue(self.decision(people[1]))

    def test_the_epoch_turns_by_command_while_no_server_runs(self):
        self.person("Lou Petit", "lou@example.org")
        refused = egide("key", "rotate", "epoch", "--data", self.data, env=self.env, code=1)
        self.assertIn("Another process", refused.stderr)
        self.server.stop()
        turned = json.loads(egide("key", "rotate", "epoch", "--data", self.data, "--json", env=self.env).stdout)
        self.assertFalse(turned["added"])  # today's is in force already

    def test_root_database_and_signing_keys_rotate(self):
        kept = self.person("Lou Petit", "lou@example.org")
        self.server.stop()
        key_file = os.path.join(self.folder, "key")
        with open(key_file, "wb") as out:
            out.write(os.urandom(32))
        egide("slot", "add", "--kind", "key-file", "--label", "safe", "--data", self.data,
              env={**self.env, "EGIDE_NEW_KEY_FILE": key_file})
        with open(os.path.join(self.data, "unseal.json"), encoding="utf-8") as slots:
            old_slots = slots.read()
        refused = egide("key", "rotate", "root", "--data", self.data, env=self.env, code=1)
        self.assertIn("safe", refused.stderr)
        both = {**self.env, "EGIDE_KEY_FILE": key_file}
        rotated = json.loads(egide("key", "rotate", "root", "--data", self.data, "--json", env=both).stdout)
        self.assertEqual((len(rotated["kept"]), rotated["dropped"]), (2, []))
        # The old slots, with their secret, give a root key that opens nothing here any more.
        with open(os.path.join(self.data, "unseal.json"), encoding="utf-8") as slots:
            new_slots = slots.read()
        with open(os.path.join(self.data, "unseal.json"), "w", encoding="utf-8") as slots:
            slots.write(old_slots)
        egide("verify", "--data", self.data, env=self.env, code=1)
        with open(os.path.join(self.data, "unseal.json"), "w", encoding="utf-8") as slots:
            slots.write(new_slots)

        database = json.loads(egide("key", "rotate", "database", "--data", self.data, "--json", env=self.env).stdout)
        self.assertEqual(database["version"], 2)
        handed = json.loads(egide("key", "rotate", "signing", "--data", self.data, "--json", env=self.env).stdout)
        self.assertEqual(handed["old_vkey"], self.vkey)
        self.server = Server(self.data, self.mirror, self.env)
        self.assertTrue(self.decision(kept))
        egide("verify", "--url", self.server.url, "--vkey", handed["vkey"], env=self.env)
        auditor = {**self.env, "EGIDE_TOKEN_FILE": self.write("auditor", self.auditor)}
        egide("verify", "--url", self.server.url, "--vkey", self.vkey, "--from", handed["hand_over"], env=auditor)
        egide("verify", "--url", self.server.url, "--vkey", self.vkey, env=auditor, code=1)
        self.server.stop()
        egide("verify", "--data", self.data, "--vkey", self.vkey, env=self.env)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
