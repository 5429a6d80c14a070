"""What the tests of the client libraries share: the real demo in a temporary folder, and a server that answers as told."""

import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
import urllib.request

OFFICIAL_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# Standard Webhooks' own vector.
OFFICIAL = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
OFFICIAL_BODY = b'{"test": 2432232314}'


class Demo:
    """`egide demo` on a free port; ended by SIGTERM."""

    def __init__(self, egide):
        self._folder = tempfile.TemporaryDirectory(prefix="egide-clients-")
        self.folder = self._folder.name
        passphrase = os.path.join(self.folder, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as out:
            out.write("quatre mots pour ouvrir\n")
        self._egide = egide
        self._env = {**os.environ, "EGIDE_PASSPHRASE_FILE": passphrase}
        self.data = os.path.join(self.folder, "demo")
        self._log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        self._process = None
        self.start()

    def start(self):
        self._process = subprocess.Popen([self._egide, "demo", "--data", self.data, "--listen", "127.0.0.1:0"],
                                         stdout=subprocess.PIPE, stderr=self._log, text=True, env=self._env)
        for line in self._process.stdout:
            if "Ctrl-C" in line:
                break
        else:
            raise AssertionError("the demo did not start")
        with open(os.path.join(self.data, "demo.json"), encoding="utf-8") as facts:
            self.facts = json.load(facts)
        self.url = self.facts["url"]

    def stop(self):
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)
        self._process.stdout.close()
        self._process = None

    def close(self):
        self.stop()
        self._log.close()
        self._folder.cleanup()

    def key(self, tool):
        return self.facts["tools"][tool]

    def person(self, number):
        return self.facts["subjects"][number]["id"]

    def call(self, method, path, body=None, role="dpo"):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer " + self.facts["tokens"][role],
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def consent(self, person, purpose, status):
        return self.call("POST", f"/v1/subjects/{person}/consents",
                         {"purpose": purpose, "status": status, "channel": "paper", "evidence": "form 12"})


class StubVault:
    """Answers each request with the next of `answers`: (status, body, headers), a function of the request that gives
    one, or None, which closes the connection without a word. Keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                stub.requests.append((self.path, dict(self.headers), body))
                answer = stub.answers.pop(0) if len(stub.answers) > 1 else stub.answers[0]
                if callable(answer):
                    answer = answer(body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content, headers = answer
                content = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
