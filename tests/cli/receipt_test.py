#!/usr/bin/env python3
"""A consent receipt from the running server to somebody who has nothing but the file and a key.

Usage: receipt_test.py EGIDE SOURCE_DIR
"""
import base64
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

EGIDE, SOURCE = sys.argv[1], sys.argv[2]
FOREIGN = os.path.join(SOURCE, "tests/foreign/receipt/verify.mjs")


def run(*arguments, env=None):
    return subprocess.run(arguments, capture_output=True, text=True, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, check=False)


class Receipts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="egide-receipt-")
        data = os.path.join(cls.folder.name, "vault")
        cls.env = {"EGIDE_PASSPHRASE_FILE": cls.write("passphrase", "quatre mots pour ouvrir\n")}
        made = run(EGIDE, "init", "--data", data, "--org", "Association Exemple", "--origin", "vault.example.org/log",
                   "--json", env=cls.env)
        cls.vkey = json.loads(made.stdout)["vkey"]
        user = run(EGIDE, "user", "add", "dpo", "--data", data, "--role", "dpo", "--json", env=cls.env)
        if user.returncode != 0:
            raise AssertionError(user.stderr)
        cls.token = json.loads(user.stdout)["token"]
        cls.controller = {"url": "https://association.example.org/", "contact": "Délégué à la protection des données",
                          "email": "dpo@example.org", "phone": "+33 2 00 00 00 00", "street": "1 rue de l’Exemple",
                          "postal_code": "35000", "locality": "Rennes", "country": "FR"}
        config = cls.write("config.json", json.dumps({"controller": cls.controller, "public_url": "https://vault.example.org"}))
        cls.server = subprocess.Popen([EGIDE, "serve", "--listen", "127.0.0.1:0", "--data", data, "--config", config], env={**os.environ, **cls.env},
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        cls.address = urllib.parse.urlsplit(cls.server.stdout.readline().split()[-1])
        person = cls.post("/v1/subjects", {"attributes": {"user.name": "Zoé Martin", "user.contact.email": "zoe@example.org",
                                                          "user.demographic.date_of_birth": "1980-02-29"}})
        cls.consent = cls.post(f"/v1/subjects/{person['id']}/consents",
                               {"purpose": "ai.mission_matching", "status": "given", "channel": "paper", "evidence": "form 12"})
        cls.path = f"/v1/consents/{cls.consent['id']}/receipt"
        cls.whole = cls.get(cls.path)[1]
        cls.receipt_key = json.loads(cls.get("/.well-known/jwks.json")[1])["keys"][0]

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        cls.server.wait(timeout=60)
        cls.server.stdout.close()
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, content):
        path = os.path.join(cls.folder.name, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    @classmethod
    def ask(cls, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(cls.address.hostname, cls.address.port, timeout=30)
        connection.request(method, path, body, {"Authorization": "Bearer " + cls.token, **(headers or {})})
        answer = connection.getresponse()
        read = answer.status, answer.read(), answer.headers
        connection.close()
        return read

    @classmethod
    def post(cls, path, body):
        status, text, _ = cls.ask("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        if status != 201:
            raise AssertionError(f"{path}: {status} {text}")
        return json.loads(text)

    @classmethod
    def get(cls, path, accept="application/json"):
        return cls.ask("GET", path, headers={"Accept": accept})

    def verify(self, content, *more, code=0):
        done = run(EGIDE, "verify", "--receipt", self.write("receipt", content), *more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def test_holds_under_each_key_and_without_one(self):
        said = self.verify(self.whole, "--vkey", self.vkey)
        self.assertIn("ai.mission_matching: given", said)
        self.assertNotIn("names for itself", said)
        self.assertIn("names for itself", self.verify(self.whole))
        result = json.loads(self.verify(self.whole, "--vkey", self.receipt_key["egide_vkey"], "--json"))
        self.assertTrue(result["ok"] and result["trusted"])
        self.assertEqual(result["consent"], self.consent["id"])
        self.verify(self.get(self.path, "application/jose")[1], "--vkey", self.vkey)

    def test_names_nobody(self):
        for accept in ("application/json", "application/ld+json", "application/vnd.kantara.consent-receipt+json"):
            text = self.get(self.path, accept)[1].decode()
            for personal in ("Zoé", "Martin", "zoe@example.org", "1980-02-29", "form 12", self.consent["subject"]):
                self.assertNotIn(personal, text, accept)

    def test_a_change_anywhere_is_noticed(self):
        receipt = json.loads(self.whole)
        for change in (lambda r: r["receipt"]["consent"].update(status="refused"),
                       lambda r: r["receipt"]["consent"].update(at="2020-01-01T00:00:00Z"),
                       lambda r: r["receipt"]["notice"].update(text="Another text."),
                       lambda r: r["receipt"].pop("issuer"),
                       lambda r: r["receipt"].update(more=True),
                       lambda r: r.update(more=True),
                       lambda r: r.update(jws=r["jws"][:-8] + "AAAAAAAA")):
            changed = json.loads(json.dumps(receipt))
            change(changed)
            for more in ([], ["--vkey", self.vkey]):
                self.verify(json.dumps(changed), *more, code=1)

    def test_signed_bytes_in_another_order_or_spelling_are_others(self):
        receipt = json.loads(self.whole)
        header, payload, signature = receipt["jws"].split(".")
        document = json.loads(base64.urlsafe_b64decode(payload + "=="))
        for text in (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False), json.dumps(document)):
            encoded = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
            self.assertIn("changed, or re-encoded", self.verify(f"{header}.{encoded}.{signature}", "--vkey", self.vkey, code=1))

    def test_the_readable_copy_may_be_laid_out_anew(self):
        self.verify(json.dumps(json.loads(self.whole), indent=2, sort_keys=True), "--vkey", self.vkey)

    def test_a_duplicate_member_is_refused(self):
        self.verify(self.whole.replace(b'"receipt":{', b'"receipt":{"format":"x",', 1), code=1)

    def test_other_keys_are_refused(self):
        other = "vault.example.org/log+d8a12a7e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        self.verify(self.whole, "--vkey", other, code=1)
        self.verify(self.whole, "--vkey", "no key", code=1)

    def test_other_forms_carry_a_detached_signature(self):
        for accept in ("application/ld+json", "application/vnd.kantara.consent-receipt+json"):
            _, body, headers = self.get(self.path, accept)
            signature = self.write("signature", headers["Egide-Signature"])
            key = ["--signature", signature, "--vkey", self.receipt_key["egide_vkey"]]
            self.verify(body, *key)
            self.verify(json.dumps(json.loads(body)), *key, code=1)
            self.verify(body, "--signature", signature, "--vkey", self.vkey, code=1)
            self.verify(body, "--signature", signature, code=1)
            self.verify(body, code=1)

    def test_the_record_names_the_controller_and_the_public_address(self):
        record = json.loads(self.get(f"/v1/consents/{self.consent['id']}", "application/ld+json")[1])
        self.assertEqual(record["@id"], f"https://vault.example.org/v1/consents/{self.consent['id']}")
        self.assertEqual(record["dpv:hasDataController"]["@id"], "https://association.example.org/")
        self.assertEqual(record["dpv:hasDataController"]["dpv:hasAddress"], "1 rue de l’Exemple, 35000 Rennes, FR")
        self.assertEqual(record["dpv:hasDataController"]["dpv:hasContact"], "dpo@example.org")

    def test_kantara_has_what_its_schema_requires(self):
        receipt = json.loads(self.get(self.path, "application/vnd.kantara.consent-receipt+json")[1])
        for member in ("version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "piiPrincipalId",
                       "piiControllers", "policyUrl", "services", "sensitive", "spiCat"):
            self.assertIn(member, receipt)
        for member in ("piiController", "contact", "address", "email", "phone"):
            self.assertIn(member, receipt["piiControllers"][0])
        named = receipt["piiControllers"][0]
        self.assertEqual((named["contact"], named["email"], named["phone"]),
                         tuple(self.controller[member] for member in ("contact", "email", "phone")))
        self.assertEqual(named["address"], {"streetAddress": "1 rue de l’Exemple", "postalCode": "35000",
                                            "addressLocality": "Rennes", "addressCountry": "FR"})
        purpose = receipt["services"][0]["purposes"][0]
        for member in ("consentType", "purposeCategory", "piiCategory", "termination", "thirdPartyDisclosure"):
            self.assertIn(member, purpose)
        self.assertLess(receipt["consentTimestamp"], 10_000_000_000)  # seconds
        self.assertEqual(base64.b64decode(receipt["publicKey"]).hex(),
                         base64.urlsafe_b64decode(self.receipt_key["x"] + "=").hex())

    def test_a_program_that_is_not_egide_agrees(self):
        if not shutil.which("node"):
            self.skipTest("no node")
        good = self.write("good.json", self.whole)
        done = run("node", FOREIGN, good, self.vkey)
        self.assertEqual(done.returncode, 0, done.stderr)
        receipt = json.loads(self.whole)
        receipt["receipt"]["consent"]["status"] = "refused"
        self.assertEqual(run("node", FOREIGN, self.write("bad.json", json.dumps(receipt)), self.vkey).returncode, 1)
        header, payload, signature = receipt["jws"].split(".")
        document = base64.urlsafe_b64decode(payload + "==").replace(b'"status":"given"', b'"status":"other"')
        receipt = {"receipt": json.loads(document),
                   "jws": f"{header}.{base64.urlsafe_b64encode(document).decode().rstrip('=')}.{signature}"}
        refused = run("node", FOREIGN, self.write("bad.json", json.dumps(receipt)), self.vkey)
        self.assertIn("signature", refused.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
