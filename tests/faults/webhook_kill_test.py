#!/usr/bin/env python3
"""Kills the real server with SIGKILL while it delivers webhooks, and checks after each restart that

- every event of an acknowledged change reaches the receiver at least once;
- an event that is sent again has the webhook-id and the body that it had before;
- every delivery carries a valid signature (Standard Webhooks 1.0.0, v1).

Usage: webhook_kill_test.py EGIDE [KILLS] [SEED]
"""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kill_test import PURPOSE, Server, call  # noqa: E402


class Receiver:
    """Keeps what it gets; answers some of it only after the test has let go, so that a kill finds deliveries under way."""

    def __init__(self):
        self.secret, self.got, self.wrong = None, [], None
        self.changed, self.holding, self.under_way = threading.Condition(), False, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = outer.take(dict((k.lower(), v) for k, v in self.headers.items()), body)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    pass  # the server was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        event = json.loads(body)
        if event["data"]["type"] == "endpoint.test":
            return json.dumps({"challenge": event["data"]["challenge"]}).encode()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = "v1," + base64.b64encode(hmac.new(self.secret, signed, hashlib.sha256).digest()).decode()
        with self.changed:
            if right not in headers["webhook-signature"].split(" "):
                self.wrong = "a signature does not hold"
            if event["id"] != headers["webhook-id"]:
                self.wrong = "webhook-id is not the event's id"
            self.got.append((headers["webhook-id"], event["data"].get("consent"), body))
            self.under_way += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: not self.holding, timeout=30)
            self.under_way -= 1
        return b"ok"

    def hold(self, holding):
        with self.changed:
            self.holding = holding
            self.changed.notify_all()

    def wait_for(self, condition):
        with self.changed:
            if not self.changed.wait_for(condition, timeout=90):
                raise AssertionError(f"an event was not delivered; {len(self.got)} deliveries")


def subscribe(server, receiver):
    connection = server.connect()
    admin = server.facts["tokens"]["admin"]
    code, text = call(connection, "POST", "/v1/webhooks", admin,
                      {"url": receiver.url, "tool": "matcher", "types": ["consent.given", "consent.withdrawn"]})
    assert code == 201, (code, text)
    hook = json.loads(text)
    receiver.secret = base64.b64decode(hook["secret"][len("whsec_"):])
    pace = threading.Event()
    for _ in range(1200):  # the worker looks for what is due a few times a second
        code, text = call(connection, "GET", "/v1/webhooks/" + hook["id"], admin)
        if json.loads(text)["state"] == "active":
            return
        pace.wait(0.05)
    raise AssertionError("the receiver was never verified")


class Changer(threading.Thread):
    """Gives and withdraws a consent until the server dies; keeps the ids of what was acknowledged."""

    def __init__(self, server, person, given, acknowledged, enough):
        super().__init__()
        self.server, self.person, self.given, self.acknowledged, self.enough = server, person, given, acknowledged, enough
        self.wrong = None

    def run(self):
        try:
            connection = self.server.connect()
            given = self.given
            while True:
                status = "withdrawn" if given else "given"
                code, text = call(connection, "POST", f"/v1/subjects/{self.person}/consents",
                                  self.server.facts["tokens"]["dpo"],
                                  {"purpose": PURPOSE, "status": status, "channel": "paper", "evidence": "form"})
                if code != 201:
                    self.wrong = f"a consent was answered {code}"
                    return
                self.acknowledged.append(json.loads(text)["id"])
                given = not given
                self.enough.release()
        except (OSError, ValueError, http.client.HTTPException):
            pass  # the kill


def consent_is_given(server, person):
    code, text = call(server.connect(), "GET", f"/v1/subjects/{person}/consents", server.facts["tokens"]["dpo"])
    assert code == 200, code
    states = [s for s in json.loads(text)["states"] if s["purpose"] == PURPOSE]
    return any(s["valid"] for s in states)


def main():
    egide = sys.argv[1]
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="egide-webhook-kill-")
    data = os.path.join(folder, "vault")
    receiver, server, acknowledged = Receiver(), None, []
    try:
        subprocess.run([egide, "demo", "--data", data, "--seed-only", "--json"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        server = Server(egide, data)
        subscribe(server, receiver)
        people = [p["id"] for p in server.facts["subjects"][:3]]
        for round_number in range(kills):
            receiver.hold(rng.random() < 0.5)
            enough = threading.Semaphore(0)
            changers = [Changer(server, person, consent_is_given(server, person), acknowledged, enough) for person in people]
            before = len(receiver.got)
            for changer in changers:
                changer.start()
            for _ in range(rng.randint(1, 40)):
                assert enough.acquire(timeout=60), "the server no longer answers"
            receiver.wait_for(lambda: receiver.under_way > 0 or len(receiver.got) > before)  # so that the kill falls into the deliveries
            server.kill()
            receiver.hold(False)
            for changer in changers:
                changer.join()
                assert changer.wrong is None, changer.wrong
            server = Server(egide, data)
            receiver.wait_for(lambda: set(acknowledged) <= {consent for _, consent, _ in receiver.got})
            assert receiver.wrong is None, receiver.wrong
            print(f"{round_number + 1} kills, {len(acknowledged)} acknowledged changes, {len(receiver.got)} deliveries", flush=True)
        by_consent = {}
        for event, consent, body in receiver.got:
            known = by_consent.setdefault(consent, (event, body))
            assert known == (event, body), "an event was sent again under another id or with another body"
        repeated = len(receiver.got) - len(by_consent)
        print(f"every event was delivered; {repeated} of them again after a kill, under the same id")
    finally:
        receiver.hold(False)
        if server is not None and server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
