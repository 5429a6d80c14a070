#!/usr/bin/env python3
"""Kills the real server with SIGKILL at random moments under load, and checks after each restart that

- every acknowledged change is there: the last acknowledged answer on each person's consent holds (or the one that was
  under way when the kill came, whole), and every acknowledged evaluation stands in the log at its index;
- nothing half done: the log verifies from the database, entry for entry;
- the log only grows: every checkpoint that was handed out is a prefix of it.

Usage: kill_test.py EGIDE [KILLS] [SEED]
"""
import base64
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PURPOSE = "ai.mission_matching"
WORKERS = 6


def rq_of(evaluation_id):
    """The log's rq for an evaluation id: the same 16 bytes."""
    number = 0
    for character in evaluation_id:
        number = number * 32 + CROCKFORD.index(character)
    return base64.urlsafe_b64encode(number.to_bytes(16, "big")).decode().rstrip("=")


class Server:
    def __init__(self, egide, data):
        self.process = subprocess.Popen([egide, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        text = ""
        while not text.rstrip().endswith("}") or text.count("{") != text.count("}"):
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start again")
            text += line
        self.facts = json.loads(text)
        self.address = urllib.parse.urlsplit(self.facts["url"])

    def connect(self):
        return http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def call(connection, method, path, token, body=None, headers=None):
    sent = {"Authorization": "Bearer " + token}
    if body is not None:
        sent["Content-Type"] = "application/json"
    sent.update(headers or {})
    connection.request(method, path, None if body is None else json.dumps(body), sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def evaluation(facts, person):
    return {"subject": {"type": "application", "id": "matcher"}, "resource": {"type": "person", "id": person},
            "action": {"name": "process", "properties": {"purpose": PURPOSE}}}


class Tally:
    """Counts answers; lets the killer wait for the n-th, while the other workers are somewhere in theirs."""

    def __init__(self):
        self.count, self.changed = 0, threading.Condition()

    def add(self):
        with self.changed:
            self.count += 1
            self.changed.notify()

    def wait_for(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: self.count >= count, timeout=60):
                raise AssertionError("the server no longer answers")


class Worker(threading.Thread):
    """Evaluates, gives and withdraws on people of its own, until the server dies."""

    def __init__(self, server, people, state, tally, seed):
        super().__init__()
        self.server, self.people, self.state, self.tally = server, people, state, tally
        self.random = random.Random(seed)
        self.evaluations = []  # acknowledged (log index, evaluation id)
        self.wrong = None

    def run(self):
        facts = self.server.facts
        try:
            connection = self.server.connect()
            while True:
                person = self.random.choice(self.people)
                if self.random.random() < 0.3:
                    status = "withdrawn" if self.state[person][0] == "given" else "given"
                    self.state[person] = (self.state[person][0], status)  # under way
                    code, _ = call(connection, "POST", f"/v1/subjects/{person}/consents", facts["tokens"]["dpo"],
                                   {"purpose": PURPOSE, "status": status, "channel": "paper", "evidence": "form"})
                    if code != 201:
                        self.wrong = f"a consent was answered {code}"
                        return
                    self.state[person] = (status, None)
                    self.tally.add()
                else:
                    code, text = call(connection, "POST", "/access/v1/evaluation", facts["tools"]["matcher"],
                                      evaluation(facts, person))
                    if code != 200:
                        self.wrong = f"an evaluation was answered {code}"
                        return
                    answer = json.loads(text)
                    if answer["decision"] != (self.state[person][0] == "given"):
                        self.wrong = "an evaluation contradicts the acknowledged consent"
                        return
                    self.evaluations.append((answer["context"]["log_index"], answer["context"]["evaluation_id"]))
                    self.tally.add()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the kill


def check_after_restart(server, state, evaluations, rng):
    connection = server.connect()
    facts = server.facts
    for person, (acknowledged, under_way) in state.items():
        code, text = call(connection, "POST", "/access/v1/evaluation", facts["tools"]["matcher"], evaluation(facts, person))
        assert code == 200, code
        now = "given" if json.loads(text)["decision"] else "withdrawn"
        assert now in (acknowledged, under_way), f"{now} after a restart, acknowledged {acknowledged}, under way {under_way}"
        state[person] = (now, None)
    for index, evaluation_id in rng.sample(evaluations, min(8, len(evaluations))):
        code, text = call(connection, "GET", f"/v1/audit/entries?from={index}&limit=1", facts["tokens"]["auditor"])
        assert code == 200, (code, text)
        entry = json.loads(text)["items"][0]
        entry = entry.get("entry", entry)
        entry = json.loads(entry) if isinstance(entry, str) else entry
        assert entry["i"] == index and entry["rq"] == rq_of(evaluation_id), "an acknowledged evaluation is not in the log"


def verify(egide, data):
    checked = subprocess.run([egide, "verify", "--data", data, "--json"], capture_output=True, text=True,
                             env={**os.environ, "EGIDE_KEY_FILE": os.path.join(data, "demo.key")})
    assert checked.returncode == 0, checked.stderr
    return json.loads(checked.stdout)["size"]


def main():
    egide = sys.argv[1]
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="egide-kill-")
    data = os.path.join(folder, "vault")
    size, requests, server = 0, 0, None
    try:
        subprocess.run([egide, "demo", "--data", data, "--seed-only", "--json"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        server = Server(egide, data)
        people = [p["id"] for p in server.facts["subjects"] if int(p["email"][8:-12]) % 20 != 0][:WORKERS * 4]
        connection = server.connect()
        state = {}
        for person in people:
            call(connection, "POST", f"/v1/subjects/{person}/consents", server.facts["tokens"]["dpo"],
                 {"purpose": PURPOSE, "status": "given", "channel": "paper", "evidence": "form"})
            state[person] = ("given", None)
        for round_number in range(kills):
            tally = Tally()
            workers = [Worker(server, people[i::WORKERS], state, tally, rng.random()) for i in range(WORKERS)]
            for worker in workers:
                worker.start()
            tally.wait_for(rng.randint(1, 120))
            code, note = call(server.connect(), "GET", "/log/checkpoint", server.facts["tokens"]["auditor"])
            assert code == 200, code
            with open(os.path.join(data, "pins", "held.checkpoint"), "wb") as held:
                held.write(note)
            tally.wait_for(tally.count + rng.randint(1, 30))
            server.kill()
            for worker in workers:
                worker.join()
                assert worker.wrong is None, worker.wrong
            evaluations = [e for worker in workers for e in worker.evaluations]
            requests += len(evaluations)
            now = verify(egide, data)
            newest = max((index for index, _ in evaluations), default=-1)
            assert now >= size and now > newest, f"{now} entries, {size} before, {newest} acknowledged"
            size = now
            server = Server(egide, data)
            check_after_restart(server, state, evaluations, rng)
            if round_number % 20 == 19:
                print(f"{round_number + 1} kills, {size} entries, {requests} acknowledged evaluations", flush=True)
    finally:
        if server is not None and server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("nothing acknowledged was lost")


if __name__ == "__main__":
    main()
