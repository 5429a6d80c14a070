#!/usr/bin/env python3
"""A foreign library verifies what the running server delivers (npm standardwebhooks).

Usage: webhook_test.py EGIDE      exit status 77 (skipped) without Node or the package
"""
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "faults"))
from kill_test import PURPOSE, Server, call  # noqa: E402

deliveries, changed = [], threading.Condition()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        challenge = json.loads(body)["data"].get("challenge", "")
        with changed:
            deliveries.append({"headers": {k.lower(): v for k, v in self.headers.items()}, "body": body.decode()})
            changed.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", str(len(challenge)))
        self.end_headers()
        self.wfile.write(challenge.encode())

    def log_message(self, *_):
        pass


def wait_for(count):
    with changed:
        assert changed.wait_for(lambda: len(deliveries) >= count, timeout=60), f"{len(deliveries)} deliveries"


def wait_until_active(connection, server, hook):
    pace = threading.Event()
    for _ in range(1200):
        _, text = call(connection, "GET", "/v1/webhooks/" + hook, server.facts["tokens"]["admin"])
        if json.loads(text)["state"] == "active":
            return
        pace.wait(0.05)
    raise AssertionError("the receiver was never verified")


def main():
    if shutil.which("node") is None:
        print("skipped: no node")
        return 77
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    folder = tempfile.mkdtemp(prefix="egide-webhook-")
    server = None
    try:
        data = os.path.join(folder, "vault")
        server = Server(sys.argv[1], data)
        connection = server.connect()
        code, text = call(connection, "POST", "/v1/webhooks", server.facts["tokens"]["admin"],
                          {"url": f"http://127.0.0.1:{receiver.server_port}/hook", "tool": "matcher", "asymmetric": True})
        assert code == 201, (code, text)
        hook = json.loads(text)
        wait_until_active(connection, server, hook["id"])
        # The first of the demo's people has said yes to matching.
        for count, status in ((2, "withdrawn"), (3, "given")):
            code, text = call(connection, "POST", f"/v1/subjects/{server.facts['subjects'][0]['id']}/consents",
                              server.facts["tokens"]["dpo"],
                              {"purpose": PURPOSE, "status": status, "channel": "paper", "evidence": "form"})
            assert code == 201, (code, text)
            wait_for(count)
        captured = os.path.join(folder, "captured.json")
        with open(captured, "w", encoding="utf-8") as out:
            json.dump({"secret": hook["secret"], "deliveries": deliveries}, out)
        return subprocess.run(["node", os.path.join(HERE, "npm", "verify_webhook.mjs"), captured]).returncode
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
