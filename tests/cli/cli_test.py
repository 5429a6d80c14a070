#!/usr/bin/env python3
"""Drives the built program as an operator does: every command of the contract, its exit codes and files.

Usage: cli_test.py EGIDE SOURCE_DIR
"""
import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

EGIDE, SOURCE = sys.argv[1], sys.argv[2]
MAP = os.path.join(SOURCE, "packaging/import/benevoles.json")
HEADER = ("Identifiant;Nom;Prénom;Email;Téléphone;Date de naissance;Genre;Adresse;Code postal;Ville;Compétences;"
          "Disponibilités;Date d'inscription;Dernier contact;Consentement newsletter;Consentement matching IA;"
          "Responsable légal email;Notes\r\n")
ROWS = (HEADER + "BEN-1;Martin;Zoé;zoe@example.org;06 39 98 00 01;29/02/1980;Femme;1 rue Haute;69003;Lyon;cuisine;lundi soir;"
        "01/02/2020;01/08/2026;Oui;Oui;;\"sur\r\ndeux lignes\"\r\nBEN-2;Sans;Adresse;;;;;;;;;;;;;;;\r\n"
        "BEN-3;Martin;Zoé;ZOE@example.org;;;;;;;;;;;;;;\r\n")


def egide(*arguments, env=None, code=0):
    done = subprocess.run([EGIDE, *arguments], capture_output=True, text=True, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != code:
        raise AssertionError(f"egide {arguments} ended with {done.returncode}, not {code}:\n{done.stdout}{done.stderr}")
    return done


class Served:
    """`egide serve` on a free port, ended by SIGTERM."""

    def __init__(self, *arguments, env):
        self.process = subprocess.Popen([EGIDE, "serve", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
        line = self.process.stdout.readline()
        self.url = line.split()[-1] if line else ""

    def __enter__(self):
        return self

    def get(self, path, token=None):
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": "Bearer " + token} if token else {})
        answer = connection.getresponse()
        read = answer.status, answer.read()
        connection.close()
        return read

    @staticmethod
    def get_url(url):
        address = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.request("GET", address.path)
        answer = connection.getresponse()
        read = answer.status, answer.read()
        connection.close()
        return read

    def post(self, path, token, body):
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.request("POST", path, json.dumps(body),
                           headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        read = answer.status, json.loads(answer.read())
        connection.close()
        return read

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.process.stderr.close()


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="egide-cli-")
        cls.data = os.path.join(cls.folder.name, "vault")
        cls.passphrase = cls.write("passphrase", "quatre mots pour ouvrir\n")
        cls.env = {"EGIDE_PASSPHRASE_FILE": cls.passphrase}
        made = egide("init", "--data", cls.data, "--org", "Association Exemple", "--origin", "vault.example.org/log",
                     "--json", env=cls.env)
        cls.vkey = json.loads(made.stdout)["vkey"]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.folder.name, name)
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        return path

    def test_every_command_explains_itself(self):
        for command in (["init"], ["serve"], ["demo"], ["import"], ["verify"], ["user", "add"], ["user", "list"],
                        ["user", "disable"], ["tool", "add"], ["tool", "list"], ["tool", "revoke"], ["slot", "add"],
                        ["slot", "list"], ["slot", "remove"], ["backup"], ["restore"], ["key"], ["key", "rotate"],
                        ["key", "rotate", "root"], ["key", "rotate", "epoch"], ["key", "rotate", "signing"], ["key", "rotate", "database"],
                        ["doctor"],
                        ["version"], []):
            self.assertIn("--help", egide(*command, "--help").stdout)

    def test_bad_usage_ends_with_two(self):
        for command in ([], ["nonsense"], ["init"], ["key", "rotate"], ["key", "rotate", "everything"], ["restore"], ["serve", "--no-such-option"], ["verify"], ["user"],
                        ["verify", "--url", "http://127.0.0.1:1"], ["verify", "--proof", MAP],
                        ["user", "add", "x", "--role", "king", "--data", self.data]):
            with self.subTest(command):
                egide(*command, code=2)

    def test_the_vault_belongs_to_its_owner_alone(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.data).st_mode), 0o700)
        for root, _, files in os.walk(self.data):
            for name in files:
                mode = stat.S_IMODE(os.stat(os.path.join(root, name)).st_mode)
                self.assertEqual(mode & 0o077, 0, f"{name} has mode {mode:o}")

    def test_a_second_init_is_refused_and_changes_nothing(self):
        refused = egide("init", "--data", self.data, "--org", "Other", env=self.env, code=1)
        self.assertEqual(len(refused.stderr.strip().splitlines()), 1)

    def test_a_wrong_passphrase_opens_nothing(self):
        wrong = {"EGIDE_PASSPHRASE_FILE": self.write("wrong", "pas les mots qu’il faut\n")}
        refused = egide("user", "list", "--data", self.data, env=wrong, code=1)
        self.assertNotIn("pas les mots", refused.stderr)

    def test_without_a_secret_and_a_terminal_it_says_what_to_do(self):
        refused = egide("user", "list", "--data", self.data, env={"EGIDE_PASSPHRASE_FILE": ""}, code=1)
        self.assertIn("EGIDE_PASSPHRASE_FILE", refused.stderr)

    def test_imports_reports_and_changes_nothing_twice(self):
        rows = self.write("rows.csv", "\ufeff" + ROWS)
        arguments = ("import", "--data", self.data, rows, "--map", MAP, "--json")
        dry = json.loads(egide(*arguments, "--dry-run", env=self.env).stdout)
        first = json.loads(egide(*arguments, env=self.env).stdout)
        self.assertEqual(dry["rows"], first["rows"])
        self.assertEqual((first["accepted"], first["merged"], first["refused"]), (1, 1, 1))
        refused = [row for row in first["rows"] if row["result"] == "refused"]
        self.assertEqual([row["line"] for row in refused], [4])
        self.assertTrue(all(row["reason"] for row in refused))
        again = json.loads(egide(*arguments, env=self.env).stdout)
        self.assertEqual((again["unchanged"], again["accepted"]), (1, 0))
        plain = egide("import", "--data", self.data, rows, "--map", MAP, env=self.env).stdout
        self.assertIn("line 4: refused", plain)

    def test_a_broken_map_is_placed(self):
        broken = self.write("map.json", '{\n "format": "egide.import-map/1",\n "columns": 3\n}')
        rows = self.write("some.csv", ROWS)
        refused = egide("import", "--data", self.data, rows, "--map", broken, env=self.env, code=1)
        self.assertIn("line 3 /columns", refused.stderr)

    def test_accounts_and_tools(self):
        user = json.loads(egide("user", "add", "l’auditrice", "--role", "auditor", "--data", self.data, "--json", env=self.env).stdout)
        tool = json.loads(egide("tool", "add", "match", "--purpose", "ai.mission_matching", "--data", self.data, "--json", env=self.env).stdout)
        egide("tool", "add", "match", "--purpose", "ai.mission_matching", "--data", self.data, env=self.env, code=1)
        egide("tool", "add", "other", "--purpose", "no.such_purpose", "--data", self.data, env=self.env, code=1)
        with Served("--data", self.data, env=self.env) as server:
            self.assertEqual(server.get("/v1/audit/entries", user["token"])[0], 200)
            self.assertEqual(server.get("/v1/audit/entries", tool["token"])[0], 403)
            self.assertEqual(server.get("/v1/audit/entries")[0], 401)
        self.assertEqual(server.code, 0)
        egide("user", "disable", user["id"], "--data", self.data, env=self.env)
        egide("tool", "revoke", "match", "--data", self.data, env=self.env)
        with Served("--data", self.data, env=self.env) as server:
            self.assertEqual(server.get("/v1/audit/entries", user["token"])[0], 401)
        listed = json.loads(egide("tool", "list", "--data", self.data, "--json", env=self.env).stdout)["items"]
        self.assertFalse([t for t in listed if t["id"] == "match"][0]["active"])

    def test_generic_policies_from_a_pack_and_from_the_configuration(self):
        policy = {"format": "egide.policy.generic/1", "domain": "d",
                  "subjects": [{"type": "user", "id": "ann"}], "resources": [{"type": "record", "id": "1"}],
                  "actions": [{"name": "read"}],
                  "rules": [{"id": "r", "effect": "permit",
                             "when": [{"attr": "subject.type", "op": "eq", "value": "user"}]}]}
        asked = {"subject": {"type": "user", "id": "ann"}, "resource": {"type": "record", "id": "1"},
                 "action": {"name": "read"}}
        tool = json.loads(egide("tool", "add", "conformance", "--evaluate-any", "--data", self.data, "--json",
                                env=self.env).stdout)
        egide("tool", "add", "idle", "--data", self.data, env=self.env, code=1)
        pack = os.path.join(self.folder.name, "generic-pack")
        os.mkdir(pack)
        self.write("generic-pack/library.json", json.dumps(policy, indent=1))
        with Served("--data", self.data, "--pack", pack, env=self.env) as server:
            self.assertEqual(server.post("/access/v1/evaluation", tool["token"], asked)[1]["decision"], True)
            found = server.post("/access/v1/search/resource", tool["token"], asked)[1]
            self.assertEqual(found["results"], [{"type": "record", "id": "1"}])
        config = self.write("egide.json", json.dumps({"generic_policies": ["generic-pack/library.json"],
                                                      "tool_types": ["tool"], "person_types": ["member"],
                                                      "public_url": "https://vault.example.org/tenant1"}))
        with Served("--data", self.data, "--config", config, env=self.env) as server:
            self.assertEqual(server.post("/access/v1/evaluation", tool["token"], asked)[1]["decision"], True)
            consent = {"subject": {"type": "tool", "id": "conformance"}, "resource": {"type": "member", "id": "x"},
                       "action": {"name": "process", "properties": {"purpose": "ai.mission_matching"}}}
            answer = server.post("/access/v1/evaluation", tool["token"], consent)[1]
            self.assertEqual(answer["context"]["reason"], "purpose_not_granted")
            status, metadata = server.get("/.well-known/authzen-configuration/tenant1")
            self.assertEqual(json.loads(metadata)["policy_decision_point"], "https://vault.example.org/tenant1")
        with Served("--data", self.data, env=self.env) as server:
            answer = server.post("/access/v1/evaluation", tool["token"], asked)[1]
            self.assertEqual(answer["context"]["reason"], "no_policy")
        policy["rules"][0]["effect"] = "allow"
        self.write("generic-pack/library.json", json.dumps(policy, indent=1))
        for arguments in (["--pack", pack], ["--config", config]):
            refused = egide("serve", "--data", self.data, *arguments, env=self.env, code=1)
            self.assertRegex(refused.stderr, r"line \d+, /rules/0/effect: library.json: must be one of permit, deny")
        for url in ("vault.example.org", "https://vault.example.org/", "https://vault.example.org/?a", "ftp://x"):
            wrong = self.write("wrong.json", json.dumps({"public_url": url}))
            refused = egide("serve", "--data", self.data, "--config", wrong, env=self.env, code=1)
            self.assertIn("/public_url", refused.stderr)

    def test_slots(self):
        key = os.path.join(self.folder.name, "key")
        with open(key, "wb") as out:
            out.write(os.urandom(32))
        added = json.loads(egide("slot", "add", "--kind", "key-file", "--label", "coffre", "--data", self.data, "--json",
                                 env={**self.env, "EGIDE_NEW_KEY_FILE": key}).stdout)
        egide("user", "list", "--data", self.data, env={"EGIDE_KEY_FILE": key})
        slots = json.loads(egide("slot", "list", "--data", self.data, "--json").stdout)["items"]
        self.assertIn(added["id"], [slot["id"] for slot in slots])
        egide("slot", "remove", added["id"], "--data", self.data, env=self.env)
        egide("user", "list", "--data", self.data, env={"EGIDE_KEY_FILE": key}, code=1)
        last = json.loads(egide("slot", "list", "--data", self.data, "--json").stdout)["items"][0]
        egide("slot", "remove", last["id"], "--data", self.data, env=self.env, code=1)

    def test_a_systemd_credential_opens_its_slot_alone(self):
        credentials = os.path.join(self.folder.name, "credentials")
        os.makedirs(credentials)
        credential = os.path.join(credentials, "egide-root")
        with open(credential, "wb") as out:
            out.write(os.urandom(32))
        added = json.loads(egide("slot", "add", "--kind", "systemd", "--label", "au démarrage", "--data", self.data, "--json",
                                 env={**self.env, "EGIDE_NEW_KEY_FILE": credential}).stdout)
        self.assertEqual(added["kind"], "systemd")
        egide("user", "list", "--data", self.data, env={"CREDENTIALS_DIRECTORY": credentials})
        egide("user", "list", "--data", self.data, env={"EGIDE_KEY_FILE": credential}, code=1)  # of another kind
        with open(credential, "wb") as out:
            out.write(os.urandom(32))
        egide("user", "list", "--data", self.data, env={"CREDENTIALS_DIRECTORY": credentials}, code=1)
        egide("slot", "remove", added["id"], "--data", self.data, env=self.env)

    def test_verifies_the_vault_and_its_served_log(self):
        whole = json.loads(egide("verify", "--data", self.data, "--vkey", self.vkey, "--json", env=self.env).stdout)
        self.assertTrue(whole["ok"])
        auditor = json.loads(egide("user", "add", "vérification", "--role", "auditor", "--data", self.data, "--json", env=self.env).stdout)
        token = self.write("token", auditor["token"])
        with Served("--data", self.data, env=self.env) as server:
            _, old = server.get("/log/checkpoint")
            held = self.write("held.checkpoint", old.decode())
            with_entries = egide("verify", "--url", server.url, "--vkey", self.vkey, "--from", held, "--json",
                                 env={"EGIDE_TOKEN_FILE": token})
            self.assertTrue(json.loads(with_entries.stdout)["entries_read"])
            hashes_only = egide("verify", "--url", server.url, "--vkey", self.vkey, "--from", held, "--json",
                                env={"EGIDE_TOKEN_FILE": ""})
            self.assertFalse(json.loads(hashes_only.stdout)["entries_read"])
            other = "vault.example.org/log+" + "00000000" + self.vkey[self.vkey.rindex("+"):]
            egide("verify", "--url", server.url, "--vkey", other, env={"EGIDE_TOKEN_FILE": token}, code=1)
            size = json.loads(with_entries.stdout)["size"]
            _, proof = server.get(f"/v1/audit/entries/{size - 1}/proof", auditor["token"])
            _, entries = server.get(f"/v1/audit/entries?from={size - 1}&limit=1", auditor["token"])
        entry = json.loads(entries)["items"][0]["leaf"]
        paths = self.write("one.tlog-proof", proof.decode()), self.write("one.entry", entry)
        egide("verify", "--proof", paths[0], "--entry", paths[1], "--vkey", self.vkey)
        forged = self.write("forged.entry", entry.replace('"v":1', '"v":2'))
        egide("verify", "--proof", paths[0], "--entry", forged, "--vkey", self.vkey, code=1)

    def test_metrics_have_their_own_listener(self):
        with Served("--data", self.data, "--metrics", "127.0.0.1:0", env=self.env) as server:
            metrics = server.process.stdout.readline().split()[-1]
            self.assertEqual(server.get("/metrics")[0], 404)
            server.get("/healthz")
            status, page = server.get_url(metrics)
            self.assertEqual(status, 200)
            self.assertIn('egide_http_requests_total{route="ops.health",status="200"} 1', page.decode())
            self.assertIn("egide_log_writable 1", page.decode())
            self.assertEqual(server.get_url(metrics.replace("/metrics", "/v1/users"))[0], 404)
        refused = egide("serve", "--data", self.data, "--listen", "127.0.0.1:0", "--metrics", "0.0.0.0:0", env=self.env,
                        code=1)
        self.assertIn("loopback", refused.stderr)

    def test_one_process_a_vault(self):
        with Served("--data", self.data, env=self.env):
            refused = egide("user", "list", "--data", self.data, env=self.env, code=1)
            self.assertEqual(len(refused.stderr.strip().splitlines()), 1)
            egide("verify", "--data", self.data, env=self.env)  # reading beside a server is fine

    def test_a_public_address_is_refused(self):
        refused = egide("serve", "--data", self.data, "--listen", "0.0.0.0:0", env=self.env, code=1)
        self.assertIn("proxy", refused.stderr)

    def test_a_pack_with_mistakes_changes_nothing(self):
        pack = os.path.join(self.folder.name, "pack")
        os.makedirs(pack, exist_ok=True)
        with open(os.path.join(SOURCE, "policies/packs/fr-association/pack.json"), encoding="utf-8") as source:
            text = source.read().replace('"eu-gdpr:A6-1-a"', '"eu-gdpr:A6-1-z"', 1)
        with open(os.path.join(pack, "pack.json"), "w", encoding="utf-8") as out:
            out.write(text)
        before = json.loads(egide("verify", "--data", self.data, "--json", env=self.env).stdout)["size"]
        refused = egide("serve", "--data", self.data, "--listen", "127.0.0.1:0", "--pack", pack, env=self.env, code=1)
        self.assertIn("line ", refused.stderr)
        self.assertEqual(json.loads(egide("verify", "--data", self.data, "--json", env=self.env).stdout)["size"], before)

    def test_an_old_copy_of_the_database_is_noticed(self):
        import shutil
        copy = os.path.join(self.folder.name, "copy")
        shutil.copytree(self.data, copy)
        egide("user", "add", "après la copie", "--role", "auditor", "--data", copy, env=self.env)
        for name in ("vault.db", "vault.db-wal", "vault.db-shm"):
            source = os.path.join(self.data, name)
            if os.path.exists(os.path.join(copy, name)):
                os.remove(os.path.join(copy, name))
            if os.path.exists(source):
                shutil.copy(source, os.path.join(copy, name))
        refused = egide("user", "list", "--data", copy, env=self.env, code=1)
        self.assertIn("pin", refused.stderr)

    def test_doctor_speaks_plainly(self):
        findings = json.loads(egide("doctor", "--data", self.data, "--json").stdout)["findings"]
        self.assertTrue(any("secret" in finding["what"] for finding in findings))
        egide("doctor", "--data", os.path.join(self.folder.name, "nowhere"), code=1)

    def test_version(self):
        self.assertIn("sqlcipher", json.loads(egide("version", "--json").stdout))


class Demo(unittest.TestCase):
    def test_makes_its_data_once_and_starts_again_without_a_passphrase(self):
        with tempfile.TemporaryDirectory(prefix="egide-demo-") as folder:
            data = os.path.join(folder, "demo")
            egide("demo", "--data", data, "--seed-only")
            with open(os.path.join(data, "demo.json"), encoding="utf-8") as text:
                facts = json.load(text)
            self.assertEqual(set(facts["tokens"]), {"admin", "dpo", "auditor", "coordinator"})
            self.assertTrue(facts["tools"] and facts["subjects"] and facts["vkey"] and facts["url"])
            again = egide("demo", "--data", data, "--seed-only", "--json")
            self.assertEqual(json.loads(again.stdout)["tokens"], facts["tokens"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
