#!/usr/bin/env python3
"""Plays the AuthZEN working group's certification scenario against the running program, unchanged, over HTTP.

The scenario (openid/authzen, certification/authorization-api-1_0-scenario.md) gives a small fixture of users and
records; authzen-pack/ is that fixture as a generic policy. Each case below names the section it comes from. Where the
scenario's advisory section c-3-2-7 and the specification differ, the specification holds: defaults are whole objects.

Usage: authzen_scenario.py EGIDE
"""
import http.client
import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

EGIDE = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
BASE = "https://pdp.example.org"
ALICE, BOB = {"type": "user", "id": "alice"}, {"type": "user", "id": "bob"}
ONE, TWO = {"type": "record", "id": "record-1"}, {"type": "record", "id": "record-2"}
ADMIN = {**BOB, "properties": {"role": "admin"}}
ARCHIVED = {**TWO, "properties": {"status": "archived"}}
CONTEXT = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
EVALUATION, EVALUATIONS, SEARCH = "/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/search/"


def name(action, **properties):
    return {"name": action, "properties": properties} if properties else {"name": action}


def ask(subject, action, resource, **more):
    return {"subject": subject, "action": action, "resource": resource, **more}


def without(body, member, inner=None):
    if inner is None:
        return {key: value for key, value in body.items() if key != member}
    return {**body, member: {key: value for key, value in body[member].items() if key != inner}}


class Server:
    def __init__(self, folder):
        self.data = os.path.join(folder, "vault")
        key, config = os.path.join(folder, "key"), os.path.join(folder, "config.json")
        with open(key, "wb") as out:
            out.write(os.urandom(32))
        with open(config, "w", encoding="utf-8") as out:
            json.dump({"public_url": BASE}, out)
        self.env = {**os.environ, "EGIDE_KEY_FILE": key}
        self.run("init", "--data", self.data, "--org", "Conformance")
        self.token = json.loads(self.run("tool", "add", "suite", "--evaluate-any", "--data", self.data, "--json"))["token"]
        self.process = subprocess.Popen([EGIDE, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--config", config,
                                         "--pack", os.path.join(HERE, "authzen-pack")],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.env)
        self.port = urllib.parse.urlsplit(self.process.stdout.readline().split()[-1]).port

    def run(self, *arguments):
        return subprocess.run([EGIDE, *arguments], check=True, capture_output=True, text=True, env=self.env).stdout

    def send(self, method, path, body=None, headers=None):
        sent = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {key: value for key, value in sent.items() if value is not None})
        answer = connection.getresponse()
        read = answer.status, answer.headers, answer.read()
        connection.close()
        return read

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()


class Scenario(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="egide-conformance-")
        cls.server = Server(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def post(self, path, body, expected=200, headers=None):
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        status, answered, content = self.server.send("POST", path, text, headers)
        self.assertEqual(status, expected, content)
        if expected == 200:
            self.assertEqual(answered.get_content_type(), "application/json")
        self.headers = answered
        return json.loads(content)

    def decides(self, body, expected):
        answer = self.post(EVALUATION, body)
        self.assertIs(answer["decision"], expected, answer)
        self.assertIsInstance(answer.get("context", {}), dict)

    def decide_all(self, body, *expected):
        answers = self.post(EVALUATIONS, body)["evaluations"]
        self.assertEqual([answer["decision"] for answer in answers], list(expected))
        return answers

    def finds(self, kind, body, *expected):
        answer = self.post(SEARCH + kind, body)
        self.assertIsInstance(answer["results"], list)
        for found in answer["results"]:
            if kind == "action":
                self.assertIsInstance(found["name"], str)
            else:
                self.assertEqual(found["type"], body[kind]["type"])
                self.assertIsInstance(found["id"], str)
        names = [found["name" if kind == "action" else "id"] for found in answer["results"]]
        for one in expected:
            self.assertIn(one, names)
        return answer

    # Basic
    def test_2_2_decisions(self):
        for subject, action, resource, expected in (
                (ALICE, name("read"), ONE, True), (ALICE, name("write"), ONE, True), (BOB, name("read"), ONE, True),
                (BOB, name("write"), ONE, False), (ALICE, name("write"), ARCHIVED, False),
                (ADMIN, name("write"), ARCHIVED, True), (ALICE, name("delete", soft=True), ONE, True),
                (ALICE, name("delete", soft=False), ONE, False)):
            for more in ({}, {"context": CONTEXT}):
                with self.subTest(subject=subject, action=action, resource=resource, **more):
                    self.decides(ask(subject, action, resource, **more), expected)

    def test_2_2_8_more_properties(self):
        self.decides(ask({**ALICE, "properties": {"department": "Sales", "role": "manager"}}, name("read", method="GET"),
                         {**ONE, "properties": {"status": "active", "owner": "bob"}}), True)

    def test_2_2_9_unknown_fields_at_every_level(self):
        self.decides(ask({**ALICE, "x": 1}, {**name("read"), "y": []}, {**ONE, "z": {}}, foo="bar",
                         futureField={"nested": True}), True)

    def test_2_4_1_a_missing_field(self):
        for member in ("subject", "action", "resource"):
            self.post(EVALUATION, without(ask(ALICE, name("read"), ONE), member), 400)

    def test_2_4_2_a_missing_sub_field(self):
        for member, inner in (("subject", "type"), ("subject", "id"), ("action", "name"), ("resource", "type"), ("resource", "id")):
            self.post(EVALUATION, without(ask(ALICE, name("read"), ONE), member, inner), 400)

    def test_2_4_3_another_content_type(self):
        text = json.dumps(ask(ALICE, name("read"), ONE))
        for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded", None):
            self.post(EVALUATION, text, 400, {"Content-Type": media})
        self.post(EVALUATION, text, 200, {"Content-Type": "application/json; charset=utf-8"})

    def test_2_4_4_no_json(self):
        for text in ("{", "{'a': 1}", "null x", "\xff", "[]", '"text"', "null"):
            self.post(EVALUATION, text.encode("latin-1"), 400)

    def test_2_4_5_an_empty_body(self):
        self.post(EVALUATION, "", 400)

    def test_2_4_6_a_wrong_type(self):
        good = ask(ALICE, name("read"), ONE)
        for wrong in ({"subject": "alice"}, {"action": {"name": 123}}, {"resource": []}, {"subject": {"type": "user", "id": 7}},
                      {"action": "read"}, {"context": "now"}):
            with self.subTest(**wrong):
                self.post(EVALUATION, {**good, **wrong}, 400)

    def test_2_5_request_ids(self):
        self.post(EVALUATION, ask(ALICE, name("read"), ONE), headers={"X-Request-ID": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"})
        self.assertEqual(self.headers["X-Request-ID"], "bfe9eb29-ab87-4ca3-be83-a1d5d8305716")
        self.post(EVALUATION, ask(ALICE, name("read"), ONE))
        self.post(EVALUATION, "{", 400, {"X-Request-ID": "on an error too".replace(" ", "-")})
        self.assertEqual(self.headers["X-Request-ID"], "on-an-error-too")

    def test_2_6_the_same_again(self):
        for _ in range(5):
            self.decides(ask(ALICE, name("read"), ONE), True)
            self.decides(ask(BOB, name("write"), ONE), False)

    # Batch
    def test_3_2_batches(self):
        self.decide_all({"subject": ALICE, "action": name("read"), "evaluations": [{"resource": ONE}, {"resource": TWO}]}, True, True)
        self.decide_all({"subject": BOB, "resource": ONE, "evaluations": [{"action": name("read")}, {"action": name("write")}]}, True, False)
        self.decide_all({"subject": ALICE, "action": name("write"),
                         "evaluations": [{"resource": {**ONE, "properties": {"status": "active"}}}, {"resource": ARCHIVED}]}, True, False)
        self.decide_all({"action": name("write"), "resource": ARCHIVED, "evaluations": [{"subject": ALICE}, {"subject": ADMIN}]}, False, True)
        self.decide_all({"evaluations": [ask(ALICE, name("read"), ONE), ask(BOB, name("write"), ONE)]}, True, False)
        self.decide_all({"subject": ALICE, "action": name("read"), "context": CONTEXT,
                         "evaluations": [{"resource": ONE}, {"resource": TWO, "context": {"source": "override"}}]}, True, True)

    def test_3_2_7_defaults_are_whole_objects(self):
        answers = self.decide_all({"subject": ALICE, "action": name("write"), "resource": {"type": "record", "id": "record-2"},
                                   "evaluations": [{"resource": {"id": "record-1"}}, {"resource": ONE}]}, False, True)
        self.assertEqual(answers[0]["context"]["error"]["status"], 400)
        # The properties of the default do not stay when an item brings its own resource.
        self.decide_all({"subject": ALICE, "action": name("write"), "resource": {**ONE, "properties": {"status": "archived"}},
                         "evaluations": [{}, {"resource": ONE}]}, False, True)

    def test_3_4_1_an_error_of_one_item(self):
        self.decide_all({"subject": ALICE, "action": name("read"), "evaluations": [{"resource": ONE}, {}]}, True, False)
        self.decide_all({"subject": ALICE, "action": name("read"), "evaluations": [7, {"resource": ONE}]}, False, True)

    def test_3_4_a_single_question(self):
        for more in ({}, {"evaluations": []}):
            answer = self.post(EVALUATIONS, ask(ALICE, name("read"), ONE, **more))
            self.assertIs(answer["decision"], True)
            self.assertNotIn("evaluations", answer)
            self.post(EVALUATIONS, without(ask(ALICE, name("read"), ONE, **more), "subject"), 400)
        for wrong in ({"evaluations": {}}, {"evaluations": "all"}, {"evaluations": [{}], "options": {"evaluations_semantic": "some"}}):
            self.post(EVALUATIONS, ask(ALICE, name("read"), ONE, **wrong), 400)

    def test_3_semantics(self):
        items = [{"action": name("read")}, {"action": name("write")}, {"action": name("read")}]
        for semantic, expected in (("execute_all", (True, False, True)), ("deny_on_first_deny", (True, False)),
                                   ("permit_on_first_permit", (True,))):
            self.decide_all({"subject": BOB, "resource": ONE, "evaluations": items,
                             "options": {"evaluations_semantic": semantic, "another": 1}}, *expected)

    # Search
    def test_4_2_subjects(self):
        body = ask({"type": "user"}, name("read"), ONE)
        self.finds("subject", body, "alice", "bob")
        self.finds("subject", {**body, "context": CONTEXT}, "alice", "bob")
        self.finds("subject", {**body, "subject": ALICE}, "alice", "bob")  # its id is ignored
        self.finds("subject", ask({"type": "user"}, name("write"), ARCHIVED), "bob")

    def test_4_3_resources(self):
        self.finds("resource", ask(ALICE, name("read"), {"type": "record"}), "record-1")
        self.finds("resource", ask(ALICE, name("read"), TWO), "record-1")
        self.finds("resource", ask(ADMIN, name("write"), {"type": "record"}), "record-2")

    def test_4_4_actions(self):
        self.finds("action", {"subject": ALICE, "resource": ONE}, "read", "write")
        self.finds("action", {"subject": ALICE, "resource": ONE, "context": CONTEXT, "action": name("x")}, "read", "write")
        self.finds("action", {"subject": ADMIN, "resource": ARCHIVED}, "write")

    def test_4_5_pages(self):
        body = ask({"type": "user"}, name("read"), ONE)
        found, token = [], None
        for _ in range(5):
            page = {"limit": 1} if token is None else {"token": token}
            answer = self.finds("subject", {**body, "page": page})
            found += [one["id"] for one in answer["results"]]
            self.assertIsInstance(answer["page"], dict)
            token = answer["page"]["next_token"]
            self.assertIsInstance(token, str)
            if token == "":
                break
        self.assertEqual(sorted(found), ["alice", "bob"])
        first = self.finds("subject", {**body, "page": {"limit": 1}})["page"]["next_token"]
        self.post(SEARCH + "subject", {**body, "page": {"token": first[:-2] + ("AA" if first[-2:] != "AA" else "BB")}}, 400)
        self.post(SEARCH + "subject", {**body, "action": name("write"), "page": {"token": first}}, 400)
        for wrong in ({"page": 1}, {"page": {"limit": -1}}, {"page": {"limit": "1"}}, {"page": {"token": 1}}):
            self.post(SEARCH + "subject", {**body, **wrong}, 400)

    def test_4_6_nothing_found(self):
        self.assertEqual(self.finds("action", {"subject": {"type": "user", "id": "nobody"}, "resource": ONE})["results"], [])
        self.assertEqual(self.finds("subject", ask({"type": "spaceship"}, name("read"), ONE))["results"], [])
        self.assertEqual(self.finds("resource", ask(ALICE, name("read"), {"type": "spaceship"}))["results"], [])

    def test_4_7_missing_fields(self):
        subject, resource = ask({"type": "user"}, name("read"), ONE), ask(ALICE, name("read"), {"type": "record"})
        for member in ("subject", "action", "resource"):
            self.post(SEARCH + "subject", without(subject, member), 400)
            self.post(SEARCH + "resource", without(resource, member), 400)
        for member in ("subject", "resource"):
            self.post(SEARCH + "action", without({"subject": ALICE, "resource": ONE}, member), 400)
        self.post(SEARCH + "subject", without(subject, "resource", "id"), 400)
        self.post(SEARCH + "subject", without(subject, "subject", "type"), 400)
        self.post(SEARCH + "resource", without(resource, "subject", "id"), 400)
        self.post(SEARCH + "resource", without(resource, "resource", "type"), 400)

    # Transport and discovery
    def test_5_authentication(self):
        status, headers, _ = self.server.send("POST", EVALUATION, json.dumps(ask(ALICE, name("read"), ONE)), {"Authorization": None})
        self.assertEqual(status, 401)
        self.assertIn("Bearer", headers["WWW-Authenticate"])

    def test_6_metadata(self):
        status, headers, content = self.server.send("GET", "/.well-known/authzen-configuration")
        self.assertEqual((status, headers.get_content_type()), (200, "application/json"))
        facts = json.loads(content)
        self.assertEqual(facts["policy_decision_point"], BASE)
        for member, path in (("access_evaluation_endpoint", EVALUATION), ("access_evaluations_endpoint", EVALUATIONS),
                             ("search_subject_endpoint", SEARCH + "subject"), ("search_resource_endpoint", SEARCH + "resource"),
                             ("search_action_endpoint", SEARCH + "action")):
            self.assertEqual(facts[member], BASE + path)
        for capability in facts.get("capabilities", []):
            self.assertTrue(capability.startswith("urn:"))
        self.assertNotIn(None, facts.values())
        self.assertNotIn("", facts.values())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
