#!/usr/bin/env python3
"""The Python client against the real server, and against servers that misbehave.

Usage: python_test.py EGIDE SOURCE_DIR
"""
import base64
import hashlib
import hmac
import os
import sys
import threading
import unittest

EGIDE, SOURCE = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(SOURCE, "clients/python/src"))

import egide  # noqa: E402
from egide.transport import Times  # noqa: E402
from support import OFFICIAL, OFFICIAL_BODY, OFFICIAL_SECRET, Demo, StubVault  # noqa: E402

MATCHING = "ai.mission_matching"
ALL = {"generalise", "drop", "aggregate", "mask", "redact", "record_decision", "human_review", "delete_after", "disclose_ai"}
QUICK = Times(attempt=2.0, total=0.3, first_pause=0.01)
PERMIT = {"decision": True, "context": {"reason": "permit", "purpose": MATCHING, "obligations": []}}
READ = {**PERMIT, "subject": "p_x", "fields": {"user.demographic.language": "fr"}, "withheld": []}


def event(person, number=1, **data):
    return {"specversion": "1.0", "id": f"run-{number}", "source": "urn:example:matcher", "type": "org.egide.decision.v1",
            "time": "2026-01-12T09:14:03Z", "subject": "M-014", "datacontenttype": "application/json",
            "data": {"subject": person, "system_id": "matching", "system_version": "1", "purpose_id": MATCHING,
                     "decision_type": "match", "automation_level": "human_confirms", "effect": "minor", "polarity": "benefit",
                     "outcome": {"value": "proposed", "score": 0.6, "threshold": 0.5}, **data}}


CLIENTS = []


def stub_client(stub, **more):
    CLIENTS.append(egide.Client(stub.url, tool="matcher", key="secret-key", times=QUICK, **more))
    return CLIENTS[-1]


def tearDownModule():
    for client in CLIENTS:
        client.close()


class RealVault(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo(EGIDE)
        cls.yes, cls.no = cls.demo.person(0), cls.demo.person(1)

    @classmethod
    def tearDownClass(cls):
        cls.demo.close()

    def client(self, tool="matcher", handles=ALL, key=None):
        client = egide.Client(self.demo.url, tool=tool, key=key or self.demo.key(tool), handles=handles)
        self.addCleanup(client.close)
        return client

    def test_permit_and_denial(self):
        client = self.client()
        decision = client.evaluate(self.yes, MATCHING)
        self.assertTrue(decision)
        self.assertEqual(decision.reason, "permit")
        self.assertEqual(decision.legal_basis, "eu-gdpr:A6-1-a")
        self.assertIn("user.demographic.profile.skills", decision.categories)
        self.assertGreater(decision.log_index, 0)
        self.assertIsNotNone(decision.obligation("human_review"))
        refused = client.evaluate(self.no, MATCHING)
        self.assertFalse(refused)
        self.assertEqual(refused.reason, "consent_missing")
        self.assertTrue(refused.available)
        self.assertEqual(client.evaluate(self.yes, "newsletter.noncommercial").reason, "purpose_not_granted")
        self.assertEqual(client.evaluate("nobody", MATCHING).reason, "unknown_subject")

    def test_withdrawal_is_seen_by_the_next_question(self):
        client, person = self.client(), self.demo.person(2)
        self.demo.consent(person, MATCHING, "given")
        self.assertTrue(client.evaluate(person, MATCHING))
        self.demo.consent(person, MATCHING, "withdrawn")
        self.assertEqual(client.evaluate(person, MATCHING).reason, "consent_withdrawn")
        self.assertFalse(client.read(person, MATCHING))

    def test_obligation_that_is_not_declared_denies(self):
        decision = self.client(handles={"generalise"}).evaluate(self.yes, MATCHING)
        self.assertFalse(decision)
        self.assertEqual(decision.reason, "obligation_not_handled")
        self.assertIn("human_review", decision.not_handled)
        self.assertNotIn("generalise", decision.not_handled)

    def test_many_questions_keep_their_order(self):
        client = self.client()
        asked = [egide.Question(person, MATCHING) for person in (self.no, self.yes, "nobody")]
        self.assertEqual([d.reason for d in client.evaluate_many(asked)], ["consent_missing", "permit", "unknown_subject"])
        first = client.evaluate_many(asked, semantic="deny_on_first_deny")
        self.assertEqual([d.permitted for d in first], [False])
        first = client.evaluate_many(asked, semantic="permit_on_first_permit")
        self.assertEqual([d.permitted for d in first], [False, True])
        self.assertEqual(client.evaluate_many([]), [])

    def test_more_questions_than_one_call_takes(self):
        asked = [egide.Question(self.yes, MATCHING)] * 1001 + [egide.Question(self.no, MATCHING)]
        decisions = self.client().evaluate_many(asked)
        self.assertEqual(len(decisions), 1002)
        self.assertTrue(decisions[1000])
        self.assertFalse(decisions[1001])

    def test_read_gives_permitted_fields_under_a_pseudonym(self):
        client = self.client()
        read = client.read(self.yes, MATCHING)
        self.assertTrue(read)
        self.assertTrue(read.pseudonym.startswith("p_"))
        self.assertIn("user.demographic.profile.skills", read.fields)
        self.assertNotIn("user.contact.email", read.fields)
        self.assertNotIn("user.name.last", read.fields)
        # The pseudonym stands for the person, for this tool alone.
        self.assertTrue(client.evaluate(read.pseudonym, MATCHING))
        self.assertEqual(self.client("recommender").evaluate(read.pseudonym, MATCHING).reason, "unknown_subject")
        denied = client.read(self.no, MATCHING)
        self.assertEqual((denied.decision.reason, dict(denied.fields), denied.pseudonym), ("consent_missing", {}, ""))

    def test_decisions_are_stored_once(self):
        client = self.client()
        recorded = client.post_decision(event(self.yes))
        self.assertTrue(recorded.new and recorded.had_permit)
        again = client.post_decision(event(self.yes))
        self.assertFalse(again.new)
        self.assertEqual(again.decision_id, recorded.decision_id)
        with self.assertRaises(egide.Conflict):
            client.post_decision(event(self.yes, outcome={"value": "not_proposed"}))
        both = client.post_decisions([event(self.yes, 2), event(self.no, 3)])
        self.assertEqual([item.had_permit for item in both], [True, False])
        self.assertEqual(client.post_decisions([]), [])

    def test_mistakes_raise(self):
        with self.assertRaises(egide.Unauthenticated):
            self.client(key="egt_wrong").evaluate(self.yes, MATCHING)
        with self.assertRaises(egide.Forbidden):  # one tool asks in another's name
            self.client("newsletter", key=self.demo.key("matcher")).evaluate(self.yes, "newsletter.noncommercial")
        with self.assertRaises(egide.InvalidRequest) as caught:
            self.client().post_decision({"specversion": "1.0"})
        self.assertEqual(caught.exception.code, "invalid_request")
        self.assertTrue(caught.exception.problem["errors"])
        self.assertTrue(caught.exception.request_id)
        with self.assertRaises(egide.InvalidRequest):
            self.client().evaluate(self.yes, MATCHING, automation="whenever")

    def test_many_threads(self):
        client, answers = self.client(), []

        def ask(person, wanted):
            for _ in range(20):
                answers.append(client.evaluate(person, MATCHING).permitted is wanted)
            client.close()

        threads = [threading.Thread(target=ask, args=pair) for pair in [(self.yes, True), (self.no, False)] * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [True] * 160)


class VaultThatStops(unittest.TestCase):
    def test_a_stopped_vault_is_a_denial(self):
        demo = Demo(EGIDE)
        self.addCleanup(demo.close)
        with egide.Client(demo.url, tool="matcher", key=demo.key("matcher"), handles=ALL, times=QUICK) as client:
            self.assertTrue(client.evaluate(demo.person(0), MATCHING))
            demo.stop()
            decision = client.evaluate(demo.person(0), MATCHING)
            self.assertEqual((decision.permitted, decision.reason, decision.available), (False, "unavailable", False))
            self.assertFalse(client.read(demo.person(0), MATCHING))
            many = client.evaluate_many([egide.Question(demo.person(0), MATCHING)] * 2)
            self.assertEqual([d.reason for d in many], ["unavailable"] * 2)
            with self.assertRaises(egide.Unavailable):
                client.evaluate(demo.person(0), MATCHING, raising=True)
            with self.assertRaises(egide.Unavailable):
                client.post_decision(event(demo.person(0)))


class Nonsense(unittest.TestCase):
    """Whatever answers in the vault's place: never a permit, never another exception."""

    def test_stub_can_permit(self):  # else the tests below would show nothing
        with StubVault((200, PERMIT, {})) as stub:
            self.assertTrue(stub_client(stub).evaluate("x", MATCHING))
        with StubVault((200, READ, {})) as stub:
            self.assertTrue(stub_client(stub).read("x", MATCHING))

    def test_answers_that_are_no_decision(self):
        def with_context(**context):
            return {"decision": True, "context": {**PERMIT["context"], **context}}
        json_headers = {}
        answers = [
            (200, b"", json_headers), (200, b"true", json_headers), (200, b"[]", json_headers), (200, b"{}", json_headers),
            (200, {"decision": "true", "context": PERMIT["context"]}, {}), (200, {"decision": 1, "context": PERMIT["context"]}, {}),
            (200, {"decision": True}, {}), (200, {"decision": True, "context": []}, {}),
            (200, with_context(reason="consent_withdrawn"), {}), (200, with_context(reason=None), {}),
            (200, with_context(purpose="newsletter.noncommercial"), {}),
            (200, b'{"decision": false, "decision": true, "context": {"reason": "permit"}}', {}),
            (200, b'{"decision": true, "context": {"reason": "permit", "purpose": "' + MATCHING.encode() + b'", "x": NaN}}', {}),
            (200, b"[" * 100000, {}), (200, b"\xff\xfe", {}),
            (200, PERMIT, {"Content-Type": "text/html"}), (204, b"", {}), (206, PERMIT, {}),
            (302, b"", {"Location": "http://127.0.0.1:1/"}), (500, b"oops", {}), (502, PERMIT, {}), (503, PERMIT, {}),
            None,
        ]
        for answer in answers:
            with self.subTest(answer=str(answer)[:80]), StubVault(answer) as stub:
                client = stub_client(stub, handles=ALL)
                for decision in (client.evaluate("x", MATCHING), client.read("x", MATCHING).decision):
                    self.assertIs(decision.permitted, False)
                    self.assertEqual(decision.reason, "unavailable")
                with self.assertRaises(egide.Unavailable):
                    client.evaluate("x", MATCHING, raising=True)
                client.close()

    def test_obligations_that_are_unknown_or_broken_deny(self):
        good = {"id": "o1", "type": "custom", "properties": {"vendor": "egide", "action": "mask"}}
        for broken in [{**good, "type": "step-up"}, {**good, "properties": {"vendor": "other", "action": "mask"}},
                       {**good, "properties": {"vendor": "egide", "action": "dance"}}, {**good, "properties": None},
                       {"type": "custom", "properties": good["properties"]}, "mask", None, 7]:
            for obligations in ([broken], [good, broken]):
                answer = {"decision": True, "context": {**PERMIT["context"], "obligations": obligations}}
                with self.subTest(broken=broken), StubVault((200, answer, {})) as stub:
                    decision = stub_client(stub, handles=ALL).evaluate("x", MATCHING)
                    self.assertEqual((decision.permitted, decision.reason), (False, "obligation_not_handled"))
        for obligations, wanted in ([good], True), ("mask", False), ([good, good], False):
            answer = {"decision": True, "context": {**PERMIT["context"], "obligations": obligations}}
            with StubVault((200, answer, {})) as stub:
                self.assertIs(stub_client(stub, handles=ALL).evaluate("x", MATCHING).permitted, wanted)

    def test_a_batch_of_another_length(self):
        for items in [[], [PERMIT], [PERMIT] * 3, "x", None]:
            with self.subTest(items=items), StubVault((200, {"evaluations": items}, {})) as stub:
                many = stub_client(stub).evaluate_many([egide.Question("x", MATCHING)] * 2)
                self.assertEqual([d.reason for d in many], ["unavailable"] * 2)

    def test_a_batch_cut_short_by_nobody(self):
        # Two answers of three, though nothing in them ends the call.
        denied = {"decision": False, "context": {"reason": "erased"}}
        with StubVault((200, {"evaluations": [denied, denied]}, {})) as stub:
            many = stub_client(stub).evaluate_many([egide.Question("x", MATCHING)] * 3, semantic="permit_on_first_permit")
            self.assertEqual([d.reason for d in many], ["unavailable"] * 3)

    def test_fields_with_a_denial_are_dropped(self):
        answer = {**READ, "decision": False, "context": {"reason": "erased"}}
        with StubVault((200, answer, {})) as stub:
            self.assertEqual(dict(stub_client(stub).read("x", MATCHING).fields), {})

    def test_a_permit_without_fields_is_no_read(self):
        for missing in ("fields", "subject"):
            with StubVault((200, {k: v for k, v in READ.items() if k != missing}, {})) as stub:
                self.assertEqual(stub_client(stub).read("x", MATCHING).decision.reason, "unavailable")

    def test_the_next_answer_is_not_a_late_one(self):
        # A time-out leaves an answer on the way; it must not become the next question's.
        release = threading.Event()

        def late(_):
            release.wait(10)
            return 200, PERMIT, {}
        with StubVault(late, (200, {"decision": False, "context": {"reason": "erased"}}, {})) as stub:
            client = egide.Client(stub.url, tool="m", key="k", times=Times(attempt=0.2, total=0.1))
            CLIENTS.append(client)
            self.assertEqual(client.evaluate("x", MATCHING).reason, "unavailable")
            release.set()
            self.assertEqual(client.evaluate("y", MATCHING).reason, "erased")


class Repeating(unittest.TestCase):
    BUSY = (503, {"title": "Busy", "status": 503, "code": "unavailable"}, {"Content-Type": "application/problem+json"})
    STORED = (201, {"accepted": 1, "decisions": [{"source": "s", "id": "run-1", "decision_id": "d", "new": True,
                                                  "had_permit": True}]}, {})

    def test_repeats_what_may_pass(self):
        for failure in (self.BUSY, None, (429, {}, {"Retry-After": "0"})):
            with self.subTest(failure=failure), StubVault(failure, (200, PERMIT, {})) as stub:
                self.assertTrue(stub_client(stub).evaluate("x", MATCHING))
                self.assertEqual(len(stub.requests), 2)

    def test_does_not_repeat_what_will_not(self):
        for status in (400, 401, 403, 404, 409, 413, 415, 422):
            with self.subTest(status=status), StubVault((status, {}, {"Content-Type": "application/problem+json"})) as stub:
                with self.assertRaises(egide.EgideError) as caught:
                    stub_client(stub).post_decision(event("x"))
                self.assertEqual((caught.exception.status, len(stub.requests)), (status, 1))

    def test_repeats_a_decision_under_one_key(self):
        with StubVault(None, self.BUSY, self.STORED) as stub:
            stub_client(stub).post_decision(event("x"))
            stub_client(stub).post_decision(event("x"))
            keys = [headers["Idempotency-Key"] for _, headers, _ in stub.requests]
            self.assertEqual(len(keys), 4)
            self.assertEqual(len(set(keys[:3])), 1)
            self.assertNotEqual(keys[3], keys[0])
            for key in ("", 'a"b', "a\r\nX: y", "é", "a" * 256):
                with self.assertRaises(ValueError):
                    stub_client(stub).post_decision(event("x"), idempotency_key=key)
            self.assertEqual(len(stub.requests), 4)
            stub_client(stub).post_decision(event("x"), idempotency_key="run-17")
            self.assertEqual(stub.requests[4][1]["Idempotency-Key"], '"run-17"')

    def test_waits_for_the_first_attempt_that_still_runs(self):
        running = (409, {"code": "conflict"}, {"Content-Type": "application/problem+json"})
        with StubVault(None, running, self.STORED) as stub:
            self.assertTrue(stub_client(stub).post_decision(event("x")).new)

    def test_gives_up_when_the_vault_asks_for_more_time_than_there_is(self):
        with StubVault((429, {}, {"Retry-After": "3600"})) as stub:
            self.assertEqual(stub_client(stub).evaluate("x", MATCHING).reason, "unavailable")
            with self.assertRaises(egide.TooManyRequests) as caught:
                stub_client(stub).evaluate("x", MATCHING, raising=True)
            self.assertEqual((caught.exception.retry_after, len(stub.requests)), (3600.0, 2))

    def test_an_answer_about_another_event_is_refused(self):
        with StubVault((201, {"decisions": [{"id": "run-2", "new": True}]}, {})) as stub:
            with self.assertRaises(egide.UnexpectedAnswer):
                stub_client(stub).post_decision(event("x"))


class Secrecy(unittest.TestCase):
    def test_the_key_goes_nowhere_else(self):
        with StubVault((200, PERMIT, {})) as elsewhere, StubVault((307, b"", {"Location": elsewhere.url})) as stub:
            stub_client(stub).evaluate("x", MATCHING)
            self.assertEqual(elsewhere.requests, [])
            self.assertNotIn("secret-key", repr(stub_client(stub)))
        for url in ("http://vault.example.org", "ftp://127.0.0.1", "http://127.0.0.1?x=1", "vault", "http://u@127.0.0.1"):
            with self.assertRaises(ValueError):
                egide.Client(url, tool="m", key="k")
        for key in ("", "a\r\nX: y", "é"):
            with self.assertRaises(ValueError):
                egide.Client("http://127.0.0.1", tool="m", key=key)
        egide.Client("https://vault.example.org", tool="m", key="k")

    def test_no_person_in_addresses_or_errors(self):
        with StubVault((400, {"title": "Wrong"}, {"Content-Type": "application/problem+json"})) as stub:
            with self.assertRaises(egide.InvalidRequest) as caught:
                stub_client(stub).evaluate("person-17", MATCHING)
            self.assertNotIn("person-17", str(caught.exception) + repr(caught.exception))
            self.assertNotIn("person-17", stub.requests[0][0])


class Webhooks(unittest.TestCase):
    NOW = 1614265330

    def verify(self, headers=None, body=OFFICIAL_BODY, secrets=OFFICIAL_SECRET, now=NOW, **more):
        return egide.verify_webhook(secrets, {**OFFICIAL, **(headers or {})}, body, now=now, **more)

    def refused(self, **how):
        with self.assertRaises(egide.InvalidWebhook):
            self.verify(**how)

    def test_official_vector(self):
        event_ = self.verify()
        self.assertEqual((event_.id, event_.timestamp, event_.payload), (OFFICIAL["webhook-id"], self.NOW, {"test": 2432232314}))
        upper = {name.title(): value for name, value in OFFICIAL.items()}
        self.assertEqual(egide.verify_webhook(OFFICIAL_SECRET, upper, OFFICIAL_BODY, now=self.NOW).id, OFFICIAL["webhook-id"])

    def test_any_of_several_signatures_and_secrets(self):
        other = "whsec_" + base64.b64encode(b"x" * 32).decode()
        good = OFFICIAL["webhook-signature"]
        self.verify({"webhook-signature": f"v1,{'A' * 43}= v1a,xx {good}"})
        self.verify(secrets=[other, OFFICIAL_SECRET])
        self.refused(secrets=other)
        self.refused(headers={"webhook-signature": "v1a," + good[3:]})
        self.refused(headers={"webhook-signature": good[3:]})

    def test_every_changed_part_is_refused(self):
        self.refused(body=OFFICIAL_BODY + b" ")
        self.refused(headers={"webhook-id": "msg_other"})
        self.refused(headers={"webhook-timestamp": str(self.NOW + 1)})
        for signature in ("", "v1,", "v1,!!!!", "v1", OFFICIAL["webhook-signature"][:-2], "v1," + "é"):
            self.refused(headers={"webhook-signature": signature})
        for name in OFFICIAL:
            with self.assertRaises(egide.InvalidWebhook):
                egide.verify_webhook(OFFICIAL_SECRET, {k: v for k, v in OFFICIAL.items() if k != name}, OFFICIAL_BODY, now=self.NOW)
        with self.assertRaises(egide.InvalidWebhook):
            egide.verify_webhook(OFFICIAL_SECRET, {**OFFICIAL, "Webhook-Id": "x"}, OFFICIAL_BODY, now=self.NOW)

    def test_old_and_early_ones_are_refused(self):
        self.verify(now=self.NOW + 300)
        self.verify(now=self.NOW - 300)
        self.refused(now=self.NOW + 301)
        self.refused(now=self.NOW - 301)
        self.refused(now=None)
        self.verify(now=self.NOW + 301, tolerance=400)
        for stamp in ("", "x", "-1", "1614265330.0", "١", " 1614265330"):
            self.refused(headers={"webhook-timestamp": stamp})

    def test_signed_nonsense_is_refused(self):
        key = base64.b64decode(OFFICIAL_SECRET[6:])
        for body in (b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff"):
            signed = f"{OFFICIAL['webhook-id']}.{self.NOW}.".encode() + body
            signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
            self.refused(headers={"webhook-signature": "v1," + signature}, body=body)

    def test_secrets_that_are_none(self):
        for secret in ("", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_!!!!", "whsk_" + OFFICIAL_SECRET[6:]):
            with self.assertRaises(ValueError):
                self.verify(secrets=secret)

    def test_type_of_either_form(self):
        self.assertEqual(egide.WebhookEvent("i", 1, {"type": "consent.withdrawn", "data": {}}).type, "consent.withdrawn")
        cloud = {"specversion": "1.0", "type": "org.egide.consent.withdrawn", "data": {"type": "consent.withdrawn"}}
        self.assertEqual(egide.WebhookEvent("i", 1, cloud).type, "consent.withdrawn")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
