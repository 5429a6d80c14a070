#!/usr/bin/env python3
"""Double opt-in with a real server on each side: egide, and an SMTP server that keeps what it is given.

Usage: mail_test.py EGIDE
"""
import email
import email.policy
import http.client
import json
import os
import queue
import re
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

EGIDE = sys.argv[1]
PURPOSE = "ai.mission_matching"


class SmtpSession(socketserver.StreamRequestHandler):
    """RFC 5321, as little of it as a client needs. `server.refuse` answers RCPT with that code."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 test ESMTP")
        sender, recipients = "", []
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"EHLO":
                self.say("250-test")
                self.say("250-8BITMIME")
                self.say("250 AUTH PLAIN")
            elif verb == b"AUTH":
                if len(line.split()) < 3:
                    self.say("334 ")
                    line = self.rfile.readline()
                self.server.logins.append(line.split()[-1].decode())
                self.say("235 welcome")
            elif verb == b"MAIL":
                sender = line.decode()
                self.say("250 ok")
            elif verb == b"RCPT":
                recipients.append(line.decode())
                self.say(f"{self.server.refuse} no" if self.server.refuse else "250 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                self.server.mails.put((sender, recipients, data[:-3]))
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SmtpSession)
        self.mails, self.logins, self.refuse = queue.Queue(), [], 0
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Mails(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="egide-mail-")
        self.data = os.path.join(self.folder.name, "vault")
        self.env = {**os.environ, "EGIDE_PASSPHRASE_FILE": self.write("passphrase", "quatre mots pour ouvrir\n")}
        self.run_egide("init", "--data", self.data, "--org", "Association Exemple", "--origin", "vault.example.org/log")
        user = self.run_egide("user", "add", "dpo", "--data", self.data, "--role", "dpo", "--json")
        self.token = json.loads(user.stdout)["token"]
        self.smtp = SmtpServer()
        self.server = None

    def tearDown(self):
        if self.server:
            self.end(signal.SIGTERM)
        self.smtp.close()
        self.folder.cleanup()

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_egide(self, *arguments, code=0):
        done = subprocess.run([EGIDE, *arguments], capture_output=True, text=True, env=self.env, stdin=subprocess.DEVNULL,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def serve(self, mail=True):
        settings = {"mail": {"url": f"smtp://127.0.0.1:{self.smtp.server_address[1]}", "from": "vault@example.org",
                             "credentials_file": self.write("credentials", "user:secret\n")}} if mail else {}
        self.log = os.path.join(self.folder.name, "log")
        settings["log_file"] = self.log
        self.server = subprocess.Popen([EGIDE, "serve", "--listen", "127.0.0.1:0", "--data", self.data, "--config",
                                        self.write("config.json", json.dumps(settings))],
                                       env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = urllib.parse.urlsplit(self.server.stdout.readline().split()[-1])

    def end(self, how):
        self.server.send_signal(how)
        self.server.wait(timeout=60)
        self.server.stdout.close()
        self.server = None

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        read = answer.status, answer.read().decode(), answer.headers
        connection.close()
        return read

    def api(self, method, path, body=None):
        status, text, _ = self.ask(method, path, json.dumps(body) if body is not None else None,
                                   {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        self.assertLess(status, 300, text)
        return json.loads(text)

    def register(self):
        return self.api("POST", "/v1/subjects", {"attributes": {"user.name": "Zoé Martin",
                                                                "user.contact.email": "zoe@example.org"}})["id"]

    def request(self, person):
        return self.api("POST", f"/v1/subjects/{person}/consents",
                        {"purpose": PURPOSE, "status": "requested", "channel": "portal"})

    def mail(self):
        sender, recipients, data = self.smtp.mails.get(timeout=60)
        self.assertIn("<vault@example.org>", sender)
        self.assertEqual(len(recipients), 1)
        self.assertIn("<zoe@example.org>", recipients[0])
        return email.message_from_bytes(data, policy=email.policy.default)

    def link(self, mail):
        return urllib.parse.urlsplit(re.search(r"http\S+/c/\S+", mail.get_content()).group()).path

    def events(self, person):
        return [event["event"] for event in self.api("GET", f"/v1/subjects/{person}/consents")["events"]]

    def press(self, path, choice):
        _, page, headers = self.ask("GET", path)
        code = re.search(r'name="page" value="([^"]+)"', page).group(1)
        return self.ask("POST", path, urllib.parse.urlencode({"page": code, "choice": choice}),
                        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": headers["Set-Cookie"].split(";")[0]})

    def test_from_the_request_to_the_consent(self):
        self.serve()
        person = self.register()
        self.request(person)
        mail = self.mail()
        self.assertEqual(mail["To"], "zoe@example.org")
        self.assertEqual(mail["From"], "Association Exemple <vault@example.org>")
        self.assertEqual(mail["Subject"], "Votre accord pour : Mise en relation bénévoles–missions par IA")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertEqual(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertTrue(mail["Message-ID"].endswith("@example.org>"))
        self.assertIsNotNone(mail["Date"].datetime)
        self.assertEqual(mail.get_content_type(), "text/plain")
        self.assertIn("répondre oui ou non", mail.get_content())
        self.assertEqual(self.smtp.logins, ["AHVzZXIAc2VjcmV0"])
        for url in re.findall(r"https?://[^\s>]+", str(mail) + mail.get_content()):  # what a scanner does
            for method in ("GET", "HEAD"):
                self.ask(method, urllib.parse.urlsplit(url).path)
        self.assertEqual(self.events(person), ["requested"])
        status, page, _ = self.press(self.link(mail), "agree")
        self.assertEqual(status, 200)
        self.assertEqual(self.events(person), ["requested", "given"])
        jws = re.search(r"readonly>([^<]+)<", page).group(1)
        vkey = self.api("GET", "/.well-known/jwks.json")["keys"][0]["egide_vkey"]
        self.run_egide("verify", "--receipt", self.write("receipt", jws), "--vkey", vkey)
        with open(self.log, encoding="utf-8") as log:
            said = log.read()
        for personal in ("zoe", "Zoé", self.link(mail)[3:], "secret"):
            self.assertNotIn(personal, said)

    def test_a_mail_outlives_a_crash(self):
        self.serve(mail=False)
        person = self.register()
        self.request(person)
        self.end(signal.SIGKILL)
        self.serve()
        self.assertEqual(self.press(self.link(self.mail()), "refuse")[0], 200)
        self.assertEqual(self.events(person), ["requested", "refused"])

    def test_a_refused_address_is_given_up(self):
        self.smtp.refuse = 550
        self.serve()
        self.request(self.register())
        while (state := self.api("GET", "/v1/mail")["items"][0])["state"] == "waiting":
            self.assertEqual(state["attempts"], 0)
        self.assertEqual((state["state"], state["problem"]), ("given_up", "refused"))
        self.assertTrue(self.smtp.mails.empty())

    def test_a_wrong_configuration_is_said_at_once(self):
        for settings in ({"url": "http://127.0.0.1", "from": "vault@example.org"},
                         {"url": "smtp://127.0.0.1", "from": "not an address"},
                         {"url": "smtp://127.0.0.1", "from": "vault@example.org", "credentials_file": "/nowhere"},
                         {"url": "smtp://127.0.0.1", "from": "vault@example.org", "password": "x"}, {}):
            done = self.run_egide("serve", "--listen", "127.0.0.1:0", "--data", self.data, "--config",
                                  self.write("config.json", json.dumps({"mail": settings})), code=1)
            self.assertTrue(done.stderr.strip())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
