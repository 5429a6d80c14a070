#!/usr/bin/env python3
"""Measures evaluations a second beside Cerbos, on the same cores in the same run.

Both answer the same question over HTTP on loopback at 64 connections: may this tool process this person's data for this
purpose? egide knows the person's consent itself, decides, and has the decision durable in its log before it answers.
Cerbos gets the consent as an attribute with each request, decides, and logs nothing. These machines are noisy: compare
the ratio.

Usage: cerbos_bench.py BUILD_FOLDER [--people N] [--seconds S]      (fetches Cerbos from npm, checked against its hash)
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import gateway_bench as egide_bench

HERE = os.path.dirname(os.path.abspath(__file__))
POLICY = """
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: person
  version: default
  rules:
    - actions: [process]
      effect: EFFECT_ALLOW
      roles: [tool]
      condition:
        match:
          all:
            of:
              - expr: P.attr.purpose in P.attr.granted
              - expr: R.attr.restricted == false
              - expr: R.attr.consent[P.attr.purpose] == "given"
"""
CONFIG = """
server:
  httpListenAddr: 127.0.0.1:{http}
  grpcListenAddr: 127.0.0.1:{grpc}
  requestLimits: {{maxActionsPerResource: 50, maxResourcesPerRequest: 50}}
storage:
  driver: disk
  disk: {{directory: {policies}, watchForChanges: false}}
telemetry: {{disabled: true}}
audit: {{enabled: false}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cerbos:
    def __init__(self, folder):
        inputs = os.path.join(HERE, "cerbos")
        program = os.path.join(inputs, "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64")
        if not os.path.exists(program):
            egide_bench.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", inputs)
        policies, config = os.path.join(folder, "policies"), os.path.join(folder, "cerbos.yaml")
        os.makedirs(policies)
        with open(os.path.join(policies, "person.yaml"), "w", encoding="utf-8") as out:
            out.write(POLICY)
        self.port = free_port()
        with open(config, "w", encoding="utf-8") as out:
            out.write(CONFIG.format(http=self.port, grpc=free_port(), policies=policies))
        self.process = subprocess.Popen([program, "server", "--config", config, "--log-level", "ERROR"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_cerbos/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit("Cerbos did not start")

    def check(self, question):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/check/resources",
                                         json.dumps(question).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["results"][0]["actions"]["process"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def question(person, consent):
    purpose = egide_bench.PURPOSE
    return {"requestId": "bench",
            "principal": {"id": "matcher", "roles": ["tool"], "attr": {"purpose": purpose, "granted": [purpose]}},
            "resources": [{"actions": ["process"],
                           "resource": {"kind": "person", "id": person,
                                        "attr": {"restricted": False, "consent": {purpose: consent}}}}]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    folder = tempfile.mkdtemp(prefix="egide-bench-")
    try:
        cerbos = Cerbos(folder)
        assert cerbos.check(question("a", "given")) == "EFFECT_ALLOW"
        assert cerbos.check(question("a", "withdrawn")) == "EFFECT_DENY"
        vault = egide_bench.Vault(build, folder, arguments.people)
        ids = vault.ids(1000)
        ours_bodies = egide_bench.write_lines(os.path.join(folder, "ours.txt"),
                                              [egide_bench.evaluation(i) for i in ids])
        their_bodies = egide_bench.write_lines(os.path.join(folder, "theirs.txt"), [question(i, "given") for i in ids])
        theirs = egide_bench.load(build, cerbos.port, "/api/check/resources", arguments.seconds, 64, their_bodies, "-")
        ours = egide_bench.load(build, vault.port, "/access/v1/evaluation", arguments.seconds, 64, ours_bodies, vault.tool)
        egide_bench.show("Cerbos 0.55, nothing logged", theirs)
        egide_bench.show("egide, each decision durable in the log", ours)
        print(f"\negide / Cerbos: {ours['per_second'] / theirs['per_second']:.1f}")
        vault.stop()
        cerbos.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
