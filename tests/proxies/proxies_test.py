#!/usr/bin/env python3
"""The real nginx, Caddy and HAProxy, with the configurations of packaging/proxies, between clients and a small application.

Usage: proxies_test.py nginx|caddy|haproxy EGIDE SOURCE_DIR    ends with 77 (skipped) where the proxy is not installed
"""
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

PROXY, EGIDE, SOURCE = sys.argv[1], *map(os.path.abspath, sys.argv[2:4])
PROGRAM = shutil.which(PROXY) or shutil.which(PROXY, path="/usr/sbin:/usr/bin")
if PROGRAM is None:
    print(f"skipped: no {PROXY}")
    sys.exit(77)
CONFIGURATION = os.path.join(SOURCE, "packaging/proxies")
PURPOSE = "newsletter.noncommercial"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(stream, text):
    """Reads lines up to one that holds `text`, then leaves the rest to a thread so that the pipe never fills. That line, all
    lines so far and to come, and the thread."""
    seen, line = [], ""
    for line in stream:
        seen.append(line)
        if text in line:
            break
    else:
        raise AssertionError("it ended early:\n" + "".join(seen))
    def read_on():
        with stream:
            seen.extend(stream)
    rest = threading.Thread(target=read_on, daemon=True)
    rest.start()
    return line, seen, rest


class Application:
    """What the proxy protects: tells what it was sent, and counts."""

    def __init__(self):
        self.requests = []
        application = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                application.requests.append((self.command, self.path, [(n.lower(), v) for n, v in self.headers.items()], body))
                content = b"letter"
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], ConnectionError):  # a proxy that drops a kept connection
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Vault:
    """`egide serve` with the demo's data and the shipped forward-auth configuration."""

    def __init__(self, folder, configuration=None):
        self._configuration = os.path.join(CONFIGURATION, "forward-auth.json")
        if configuration is not None:
            self._configuration = os.path.join(folder, "config.json")
            with open(self._configuration, "w", encoding="utf-8") as out:
                json.dump(configuration, out)
        self.data = os.path.join(folder, "vault")
        passphrase = os.path.join(folder, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as out:
            out.write("quatre mots pour ouvrir\n")
        self._env = {**os.environ, "EGIDE_PASSPHRASE_FILE": passphrase}
        subprocess.run([EGIDE, "demo", "--data", self.data, "--seed-only"], env=self._env, check=True, capture_output=True)
        with open(os.path.join(self.data, "demo.json"), encoding="utf-8") as text:
            self.facts = json.load(text)
        self.port, self.output, self._process = 0, [], None
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [EGIDE, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", "--config",
             self._configuration],
            env=self._env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line, seen, self._rest = until(self._process.stdout, "on http://")
        self.output.append(seen)
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)
        self._rest.join()

    def person(self, number):
        return self.facts["subjects"][number]["id"]

    def call(self, method, path, body=None, token="dpo"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + self.facts["tokens"][token], "Content-Type": "application/json"})
        answer = connection.getresponse()
        read = json.load(answer)
        connection.close()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path} answered {answer.status}: {read}")
        return read

    def consent(self, person, status):
        self.call("POST", f"/v1/subjects/{person}/consents",
                  {"purpose": PURPOSE, "status": status, "channel": "paper", "evidence": "form 12"})


def shipped(name, vault, application, port, **changes):
    """The shipped configuration with this test's addresses."""
    with open(os.path.join(CONFIGURATION, name), encoding="utf-8") as text:
        content = text.read()
    for old, new in {"127.0.0.1:8080": f"127.0.0.1:{vault}", "127.0.0.1:9000": f"127.0.0.1:{application}",
                     "127.0.0.1:8000": f"127.0.0.1:{port}", **changes}.items():
        if old not in content:
            raise AssertionError(f"{name} does not say {old}")
        content = content.replace(old, new)
    return content


class Nginx:
    def __init__(self, folder, vault, application, key="", profile="letters"):
        self.port = free_port()
        changes = {"forward/letters;": f"forward/{profile};"}
        if key:
            changes["# include /etc/egide/letters-key.conf;"] = f'proxy_set_header X-Egide-Key "{key}";'
        temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        main = os.path.join(folder, "nginx.conf")
        with open(main, "w", encoding="utf-8") as out:
            out.write(f"daemon off; master_process off; pid {folder}/pid; error_log stderr notice; events {{}}\n"
                      f"http {{ access_log off; {temporary}\n" + shipped("nginx.conf", vault, application, self.port, **changes) + "}\n")
        self._process = subprocess.Popen([PROGRAM, "-p", folder, "-c", main], stderr=subprocess.PIPE, text=True)
        *_, self._rest = until(self._process.stderr, "getrlimit")

    def close(self):
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._rest.join()


class Caddy:
    def __init__(self, folder, vault, application, key="", profile="letters"):
        self.port = free_port()
        changes = {"uri /gateway/forward/letters": f"uri /gateway/forward/{profile}"}
        if key:
            changes["# header_up X-Egide-Key"] = "header_up X-Egide-Key"
        main = os.path.join(folder, "Caddyfile")
        with open(main, "w", encoding="utf-8") as out:
            out.write("{\n\tadmin off\n\tauto_https off\n}\n" + shipped("Caddyfile", vault, application, self.port, **changes))
        env = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "EGIDE_LETTERS_KEY": key}
        self._process = subprocess.Popen([PROGRAM, "run", "--config", main, "--adapter", "caddyfile"], stderr=subprocess.PIPE,
                                         text=True, env=env)
        *_, self._rest = until(self._process.stderr, "serving initial configuration")

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)
        self._rest.join()


class Haproxy:
    def __init__(self, folder, vault, application, key="", profile="letters"):
        # It gets a socket that listens already: who connects early waits.
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        changes = {"http-request lua.egide letters": f"http-request lua.egide {profile}",
                   "/etc/haproxy/egide.lua": os.path.join(CONFIGURATION, "egide.lua")}
        if key:
            changes["# http-request set-header x-egide-key"] = "http-request set-header x-egide-key"
        main = os.path.join(folder, "haproxy.cfg")
        with open(main, "w", encoding="utf-8") as out:
            out.write(shipped("haproxy.cfg", vault, application, self.port, **changes)
                      .replace(f"bind 127.0.0.1:{self.port}", f"bind fd@{listening.fileno()}"))
        with listening:
            self._process = subprocess.Popen([PROGRAM, "-db", "-q", "-f", main], env={**os.environ, "EGIDE_LETTERS_KEY": key},
                                             pass_fds=[listening.fileno()])

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)


class BehindTheProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="egide-proxies-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.application = Application()
        cls.addClassCleanup(cls.application.close)
        cls.vault = Vault(cls.folder.name)
        cls.addClassCleanup(cls.vault.stop)
        cls.key = cls.vault.facts["tools"]["newsletter"]
        cls.yes, cls.no = cls.vault.person(10), cls.vault.person(11)
        cls.vault.consent(cls.yes, "given")
        cls.vault.consent(cls.no, "given")
        cls.vault.consent(cls.no, "withdrawn")
        cls.proxy = cls.start()

    @classmethod
    def start(cls, **more):
        folder = tempfile.mkdtemp(dir=cls.folder.name)
        proxy = {"nginx": Nginx, "caddy": Caddy, "haproxy": Haproxy}[PROXY](folder, cls.vault.port, cls.application.port, **more)
        cls.addClassCleanup(proxy.close)
        return proxy

    def setUp(self):
        self.application.requests.clear()

    def ask(self, headers=(), method="GET", path="/letter?x=1&x=2", body=None, proxy=None):
        """Status, headers, body. `headers` may name one twice."""
        connection = http.client.HTTPConnection("127.0.0.1", (proxy or self.proxy).port, timeout=30)
        connection.putrequest(method, path)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        return answer.status, dict((n.lower(), v) for n, v in answer.getheaders()), read

    def by(self, person, *more, key=None):
        return [("Authorization", "Bearer " + (key or self.key)), ("X-Person", person), *more]

    def passed(self):
        """The headers of the one request that reached the application."""
        self.assertEqual(len(self.application.requests), 1)
        return self.application.requests[0][2]

    def value(self, headers, name):
        found = [value for key, value in headers if key == name]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def refused(self, answer, *statuses):
        self.assertIn(answer[0], statuses)
        self.assertNotIn(b"letter", answer[2])
        self.assertEqual(self.application.requests, [])

    def test_who_agreed_passes_under_a_pseudonym(self):
        status, _, body = self.ask(self.by(self.yes))
        self.assertEqual((status, body), (200, b"letter"))
        headers = self.passed()
        self.assertRegex(self.value(headers, "x-subject-pseudonym"), r"^p_[\w-]{22}$")
        self.assertEqual(self.value(headers, "x-consent-decision"), "permit")
        self.assertEqual(self.value(headers, "x-consent-purpose"), PURPOSE)
        self.assertRegex(self.value(headers, "x-consent-evaluation"), r"^[0-9A-Z]{26}$")
        self.assertEqual(self.application.requests[0][1], "/letter?x=1&x=2")
        # Neither the key nor the person's id goes further.
        self.assertNotIn(self.key, repr(headers))
        self.assertNotIn(self.yes, repr(headers))

    def test_who_withdrew_does_not(self):
        self.refused(self.ask(self.by(self.no)), 403)
        self.refused(self.ask(self.by("nobody")), 403)
        self.refused(self.ask([("Authorization", "Bearer " + self.key)]), 403)

    def test_withdrawal_is_seen_by_the_next_request(self):
        person = self.vault.person(12)
        self.vault.consent(person, "given")
        self.assertEqual(self.ask(self.by(person))[0], 200)
        self.vault.consent(person, "withdrawn")
        self.application.requests.clear()
        self.refused(self.ask(self.by(person)), 403)

    def test_no_credential_and_a_wrong_one(self):
        answer = self.ask([("X-Person", self.yes)])
        self.refused(answer, 401)
        self.assertEqual(answer[1]["www-authenticate"], 'Bearer realm="egide"')
        self.refused(self.ask(self.by(self.yes, key="egt_wrong")), 401)
        self.refused(self.ask(self.by(self.yes, key=self.vault.facts["tools"]["matcher"])), 403)
        self.refused(self.ask(self.by(self.yes, key=self.vault.facts["tokens"]["dpo"])), 403)

    def test_forged_headers_do_not_get_through(self):
        forged = [("X-Consent-Decision", "permit"), ("X-Consent-Decision", "permit"), ("X-Consent-Reason", "forged"),
                  ("X-Consent-Record", "forged"), ("X-Consent-Purpose", "forged"), ("X-Consent-Evaluation", "forged"),
                  ("X-Subject-Pseudonym", "p_forged"),
                  # To CGI and WSGI the same names.
                  ("X_Subject_Pseudonym", "p_forged"), ("x_consent_decision", "forged"), ("X_Consent-Reason", "forged")]
        self.refused(self.ask(self.by(self.no, *forged)), 403)
        self.refused(self.ask([("X-Person", self.yes), *forged]), 401)
        self.assertEqual(self.ask(self.by(self.yes, *forged))[0], 200)
        headers = self.passed()
        self.assertNotIn("forged", repr(headers))
        for name in ("x-consent-decision", "x-consent-reason", "x-consent-record", "x-subject-pseudonym"):
            self.value(headers, name)

    def test_two_persons_in_one_request(self):
        self.refused(self.ask(self.by(self.yes, ("X-Person", self.no))), 403)
        self.refused(self.ask(self.by(self.no, ("X-Person", self.yes))), 403)

    def test_bodies_and_methods_pass_once_permitted(self):
        for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            with self.subTest(method=method):
                self.application.requests.clear()
                body = None if method in ("HEAD", "OPTIONS") else b"content" * 1000
                self.assertEqual(self.ask(self.by(self.yes), method=method, body=body)[0], 200)
                self.assertEqual(self.application.requests[0][0], method)
                self.assertEqual(self.application.requests[0][3], body or b"")
                self.application.requests.clear()
                self.refused(self.ask(self.by(self.no), method=method, body=body), 403)

    def test_the_proxy_may_hold_the_key(self):
        proxy = self.start(key=self.key)
        self.assertEqual(self.ask([("X-Person", self.yes)], proxy=proxy)[0], 200)
        headers = self.passed()
        self.assertNotIn(self.key, repr(headers))
        self.application.requests.clear()
        self.refused(self.ask([("X-Person", self.no)], proxy=proxy), 403)
        # A client's own key does not replace it, or is refused.
        self.ask([("X-Person", self.no), ("X-Egide-Key", "wrong")], proxy=proxy)
        self.assertEqual(self.application.requests, [])

    def test_a_person_in_the_path_is_the_one_the_application_sees(self):
        proxy = self.start(profile="letters-path")
        bearer = ("Authorization", "Bearer " + self.key)
        path = f"/people/{self.yes}/letters?x=1"
        self.assertEqual(self.ask([bearer], path=path, proxy=proxy)[0], 200)
        self.assertEqual(self.application.requests[0][1], path)
        self.application.requests.clear()
        other = f"/people/{self.no}/letters"
        self.refused(self.ask([bearer], path=other, proxy=proxy), 403)
        # Told of another path by the client, in the words of either kind of proxy.
        for name in ("X-Forwarded-Uri", "X-Original-URI", "X-Rewrite-URL"):
            self.refused(self.ask([bearer, (name, path)], path=other, proxy=proxy), 403)
            self.refused(self.ask([bearer, (name, path), (name, path)], path=other, proxy=proxy), 403)
        # One address, two readings.
        for sly in (f"/people/{self.yes}/../{self.no}", f"/people/{self.yes}/%2e%2e/{self.no}", f"/people/{self.yes}/..;/{self.no}",
                    f"/people/{self.yes}%2f..%2f{self.no}", f"//people/{self.yes}", f"/people/{self.yes}/..%5c{self.no}"):
            with self.subTest(path=sly):
                status, _, _ = self.ask([bearer], path=sly, proxy=proxy)
                self.assertNotEqual(status, 200)
                self.assertEqual(self.application.requests, [])

    def test_without_the_vault_nothing_passes(self):
        self.assertEqual(self.ask(self.by(self.yes))[0], 200)
        self.application.requests.clear()
        self.vault.stop()
        try:
            for _ in range(3):
                self.refused(self.ask(self.by(self.yes)), 403, 500, 502, 503)
        finally:
            self.vault.start()
        self.assertEqual(self.ask(self.by(self.yes))[0], 200)

    def test_the_vaults_own_log_names_nobody(self):
        self.ask(self.by(self.yes), path=f"/secret-place/{self.yes}")
        self.ask(self.by(self.no), path=f"/secret-place/{self.no}")
        self.vault.stop()
        self.vault.start()
        written = "".join("".join(part) for part in self.vault.output)
        self.assertIn("server.started", written)
        for secret in ("secret-place", self.yes, self.no, self.key):
            self.assertNotIn(secret, written)


class Configuration(unittest.TestCase):
    """Mistakes in the file are said with their place, and nothing is served."""

    def test_the_documents_own_example_is_taken(self):
        with open(os.path.join(SOURCE, "docs/forward-auth.md"), encoding="utf-8") as text:
            example = json.loads(re.search(r"```json\n(.*?)```", text.read(), re.S).group(1))
        with tempfile.TemporaryDirectory(prefix="egide-proxies-") as folder:
            vault = Vault(folder, configuration=example)
            vault.stop()

    def refused(self, forward, *words):
        with tempfile.TemporaryDirectory(prefix="egide-proxies-") as folder:
            path = os.path.join(folder, "config.json")
            with open(path, "w", encoding="utf-8") as out:
                json.dump({"forward": forward}, out)
            with open(os.path.join(folder, "short"), "w", encoding="utf-8") as out:
                out.write("short\n")
            done = subprocess.run([EGIDE, "serve", "--data", os.path.join(folder, "none"), "--config", path], capture_output=True,
                                  text=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)

    def test_mistakes(self):
        good = {"tool": "newsletter", "purpose": PURPOSE, "person": {"header": "X-Person"}}
        jwt = {"header": "Authorization", "algorithm": "HS256", "key_file": "short"}
        self.refused({}, "/forward/profiles")
        self.refused({"profiles": {}, "proxies": []}, "/forward/proxies")
        self.refused({"profiles": {"a": {**good, "person": {}}}}, "/forward/profiles/a/person", "one of header, path, jwt")
        self.refused({"profiles": {"a": {**good, "person": {"header": "X", "path": "/(x)"}}}}, "one of header, path, jwt")
        self.refused({"profiles": {"a": {**good, "tool": 7}}}, "/forward/profiles/a/tool")
        self.refused({"profiles": {"a": {**good, "else": 7}}}, "/forward/profiles/a/else")
        self.refused({"profiles": {"a": {**good, "person": {"jwt": jwt}}}}, "/jwt/key_file", "at least 32 bytes")
        self.refused({"profiles": {"a": {**good, "person": {"jwt": {**jwt, "key_file": "none"}}}}}, "/jwt/key_file")
        self.refused({"profiles": {"a": {**good, "person": {"jwt": {**jwt, "algorithm": "none"}}}}}, "/jwt/algorithm")
        self.refused({"profiles": {"a": {**good, "person": {"jwt": {"header": "X", "algorithm": "EdDSA", "public_key": "AA"}}}}},
                     "/jwt/public_key")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
