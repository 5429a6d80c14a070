#!/usr/bin/env python3
"""Measures the running program over HTTP, beside an empty Pistache handler on the same cores in the same run.

Prints, for vaults of 1,000 and (with --people) 100,000 people: start, evaluations a second at 64 connections with
their log entry durable before the answer, the same at 1 connection, batches of evaluations and of decisions, erasure
of one person. These machines are noisy: compare the ratios.

Usage: gateway_bench.py BUILD_FOLDER [--people N] [--seconds S]
"""
import argparse
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.parse

PURPOSE = "ai.mission_matching"
MAP = {"format": "egide.import-map/1", "email_column": "Email", "reference_column": "Id", "columns": [
    {"column": "Id", "category": "user.unique_id", "required": True},
    {"column": "Email", "category": "user.contact.email", "type": "email", "required": True},
    {"column": "Prénom", "category": "user.name.first"},
    {"column": "Né le", "category": "user.demographic.date_of_birth", "type": "date", "format": "dd/mm/yyyy"},
    {"column": "CP", "category": "user.contact.address.postal_code"},
    {"column": "Compétences", "category": "user.demographic.profile.skills", "type": "list"},
    {"column": "IA", "consent": PURPOSE, "yes": ["Oui"], "no": ["Non"]}]}


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


class Vault:
    """A vault of N people, served."""

    def __init__(self, build, folder, people):
        self.egide = os.path.join(build, "egide")
        self.data = os.path.join(folder, f"vault-{people}")
        self.people = people
        key = os.path.join(folder, "key")
        with open(key, "wb") as out:
            out.write(bytes(range(32)))
        self.env = {**os.environ, "EGIDE_KEY_FILE": key}
        run(self.egide, "init", "--data", self.data, "--org", "Bench", env=self.env)
        rows, map_file = os.path.join(folder, "people.csv"), os.path.join(folder, "map.json")
        with open(rows, "w", encoding="utf-8") as out:
            out.write("Id;Email;Prénom;Né le;CP;Compétences;IA\n")
            for i in range(people):
                out.write(f"B-{i:06};p{i}@example.org;Zoé;{1 + i % 28:02}/{1 + i % 12:02}/{1950 + i % 50};"
                          f"{69001 + i % 9};cuisine, permis B;{'Non' if i % 10 == 9 else 'Oui'}\n")
        with open(map_file, "w", encoding="utf-8") as out:
            json.dump(MAP, out)
        begun = time.monotonic()
        run(self.egide, "import", "--data", self.data, rows, "--map", map_file, "--json", env=self.env)
        self.import_seconds = time.monotonic() - begun
        tool = json.loads(run(self.egide, "tool", "add", "matcher", "--data", self.data, "--purpose", PURPOSE, "--json", env=self.env))
        dpo = json.loads(run(self.egide, "user", "add", "bench dpo", "--role", "dpo", "--data", self.data, "--json", env=self.env))
        self.tool, self.dpo = tool["token"], dpo["token"]
        config = os.path.join(folder, "config.json")
        with open(config, "w", encoding="utf-8") as out:
            json.dump({"caller_rate": {"quota": 0}, "address_rate": {"quota": 0}}, out)
        begun = time.monotonic()
        self.process = subprocess.Popen([self.egide, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--config", config],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.env)
        line = self.process.stdout.readline()
        self.start_seconds = time.monotonic() - begun
        self.port = urllib.parse.urlsplit(line.split()[-1]).port

    def call(self, method, path, token, body=None, headers=None, media="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = {"Authorization": "Bearer " + token, "Content-Type": media, **(headers or {})}
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text), answer.headers

    def ids(self, count):
        step = max(1, self.people // count)
        return [self.call("POST", "/v1/subjects/lookup", self.dpo, {"reference": f"B-{i:06}"})[0]["id"]
                for i in range(0, min(self.people, count * step), step)]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def load(build, port, path, seconds, connections, bodies=None, token=None, media="application/json"):
    command = [os.path.join(build, "tests/bench/egide_http_load"), "--port", str(port), "--path", path,
               "--connections", str(connections), "--seconds", str(seconds)]
    if bodies:
        command += ["--method", "POST", "--bodies", bodies, "--header", f"Content-Type: {media}",
                    "--header", f"Authorization: Bearer {token}"]
    else:
        command += ["--method", "GET"]
    return json.loads(run(*command))


def write_lines(path, values):
    with open(path, "w", encoding="utf-8") as out:
        for value in values:
            out.write(json.dumps(value, separators=(",", ":")) + "\n")
    return path


def evaluation(person):
    return {"subject": {"type": "application", "id": "matcher"}, "resource": {"type": "person", "id": person},
            "action": {"name": "process", "properties": {"purpose": PURPOSE}}}


def decisions(run_number, ids, count):
    return [{"specversion": "1.0", "id": f"r{run_number}-{i}", "source": "urn:bench:match", "type": "org.egide.decision.v1",
             "time": "2026-11-01T10:00:00Z", "subject": f"M-{i % 40:03}", "sequence": f"{run_number * count + i:09}",
             "data": {"subject": ids[(run_number + i) % len(ids)], "system_id": "appariement", "system_version": "2.0.0",
                      "purpose_id": PURPOSE, "mission_type": "numerique",
                      "outcome": {"value": "proposed", "score": 0.62, "rank": 1, "candidates_count": 5},
                      "inputs_used": [{"name": "distance_km", "value": 4.2}, {"name": "skills_shared", "value": 2}]}}
            for i in range(count)]


def show(name, figures, baseline=None):
    text = f"{name:<44} {figures['per_second']:>10,.0f}/s   p50 {figures['p50_ms']:.2f} ms   p99 {figures['p99_ms']:.2f} ms"
    if baseline:
        text += f"   {figures['per_second'] / baseline:.2f} of the empty handler"
    print(text + f"   {figures['statuses'] if 'statuses' in figures else ''}", flush=True)


def measure(build, folder, people, seconds, empty_port):
    vault = Vault(build, folder, people)
    try:
        print(f"\n{people:,} people: import {vault.import_seconds:.1f} s, start {vault.start_seconds:.2f} s", flush=True)
        ids = vault.ids(2000)
        bodies = write_lines(os.path.join(folder, "evaluations.txt"), [evaluation(i) for i in ids])
        # The baseline gets the very same requests: reading their bytes is part of both.
        empty = load(build, empty_port, "/access/v1/evaluation", seconds, 64, bodies, vault.tool)
        show("empty Pistache handler, the same requests", empty)
        baseline = empty["per_second"]
        at_64 = load(build, vault.port, "/access/v1/evaluation", seconds, 64, bodies, vault.tool)
        show("evaluation, 64 connections", at_64, baseline)
        show("evaluation, 1 connection", load(build, vault.port, "/access/v1/evaluation", seconds, 1, bodies, vault.tool))
        reads = write_lines(os.path.join(folder, "reads.txt"), [{"subject": i, "purpose": PURPOSE} for i in ids])
        show("gateway read, 64 connections", load(build, vault.port, "/v1/gateway/read", seconds, 64, reads, vault.tool))
        batch = [{"subject": {"type": "application", "id": "matcher"},
                  "action": {"name": "process", "properties": {"purpose": PURPOSE}},
                  "evaluations": [{"resource": {"type": "person", "id": ids[(n * 100 + i) % len(ids)]}} for i in range(100)]}
                 for n in range(64)]
        figures = load(build, vault.port, "/access/v1/evaluations", seconds, 16,
                       write_lines(os.path.join(folder, "batches.txt"), batch), vault.tool)
        print(f"{'evaluations in batches of 100':<44} {figures['per_second'] * 100:>10,.0f}/s", flush=True)
        size, batches = 500, 120
        lines = write_lines(os.path.join(folder, "decisions.txt"), [decisions(n, ids, size) for n in range(batches)])
        command = [os.path.join(build, "tests/bench/egide_http_load"), "--port", str(vault.port), "--path", "/v1/decisions",
                   "--method", "POST", "--bodies", lines, "--connections", "4", "--count", str(batches), "--warmup-seconds", "0",
                   "--header", "Content-Type: application/cloudevents-batch+json", "--header", f"Authorization: Bearer {vault.tool}"]
        figures = json.loads(run(*command))
        print(f"{'decisions in batches of 500':<44} {figures['per_second'] * size:>10,.0f}/s   {figures.get('statuses', '')}", flush=True)
        erase(vault, ids[:20])
        return at_64["per_second"]
    finally:
        vault.stop()


def erase(vault, ids):
    times = []
    for person in ids:
        request, headers = vault.call("POST", "/v1/requests", vault.dpo, {"type": "erasure", "subject": person})
        etag = headers["ETag"]
        for state in ("acknowledged", "in_progress", "fulfilled"):
            if request["state"] == state:
                continue
            begun = time.monotonic()
            request, headers = vault.call("POST", f"/v1/requests/{request['id']}/transitions", vault.dpo, {"to": state},
                                          {"If-Match": etag})
            etag = headers["ETag"]
            if state == "fulfilled":
                times.append((time.monotonic() - begun) * 1000)
    times.sort()
    print(f"{'erasure of one person, over HTTP':<44} median {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms of {len(times)}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--people", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    folder = tempfile.mkdtemp(prefix="egide-bench-")
    empty = subprocess.Popen([os.path.join(build, "tests/bench/egide_empty_pistache"), "0", "64"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    try:
        port = int(empty.stdout.readline().split()[-1])
        figures = load(build, port, "/", arguments.seconds, 64)
        show("empty Pistache handler, GET without a body", figures)
        small = measure(build, folder, 1000, arguments.seconds, port)
        if arguments.people:
            large = measure(build, folder, arguments.people, arguments.seconds, port)
            print(f"\n{arguments.people:,} people against 1,000: {large / small:.2f} of the speed")
    finally:
        empty.stdin.close()
        empty.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
