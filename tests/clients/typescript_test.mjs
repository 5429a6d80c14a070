// The TypeScript client against the real server, and against servers that misbehave.
// Run by typescript_test.sh: EGIDE is the program, EGIDE_CLIENT the compiled library.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Demo, withStub } from "./demo.mjs";

const egide = await import(pathToFileURL(process.env.EGIDE_CLIENT + "/index.js").href);

const MATCHING = "ai.mission_matching";
const ALL = ["generalise", "drop", "aggregate", "mask", "redact", "record_decision", "human_review", "delete_after", "disclose_ai"];
const QUICK = { attempt: 2000, total: 300, firstPause: 10 };
const PERMIT = { decision: true, context: { reason: "permit", purpose: MATCHING, obligations: [] } };
const READ = { ...PERMIT, subject: "p_x", fields: { "user.demographic.language": "fr" }, withheld: [] };
const ask = { person: "x", purpose: MATCHING };

const event = (person, number = 1, data = {}) => ({
  specversion: "1.0", id: `run-${number}`, source: "urn:example:matcher", type: "org.egide.decision.v1",
  time: "2026-01-12T09:14:03Z", subject: "M-014", datacontenttype: "application/json",
  data: { subject: person, system_id: "matching", system_version: "1", purpose_id: MATCHING, decision_type: "match",
    automation_level: "human_confirms", effect: "minor", polarity: "benefit",
    outcome: { value: "proposed", score: 0.6, threshold: 0.5 }, ...data },
});
const stubClient = (stub, more = {}) => new egide.Client(stub.url, { tool: "matcher", key: "secret-key", times: QUICK, ...more });
const problem = { "Content-Type": "application/problem+json" };

describe("the real vault", () => {
  let demo, yes, no;
  before(async () => {
    demo = await Demo.start(process.env.EGIDE);
    [yes, no] = [demo.person(0), demo.person(1)];
  });
  after(() => demo.close());
  const client = (more = {}) =>
    new egide.Client(demo.url, { tool: "matcher", key: demo.facts.tools.matcher, handles: ALL, times: QUICK, ...more });

  test("permits and denies", async () => {
    const decision = await client().evaluate({ person: yes, purpose: MATCHING });
    assert.equal(decision.permitted, true);
    assert.equal(decision.legalBasis, "eu-gdpr:A6-1-a");
    assert.ok(decision.categories.includes("user.demographic.profile.skills"));
    assert.ok(decision.logIndex > 0);
    const refused = await client().evaluate({ person: no, purpose: MATCHING });
    assert.deepEqual([refused.permitted, refused.reason, refused.available], [false, "consent_missing", true]);
    const other = await client().evaluate({ person: yes, purpose: "newsletter.noncommercial" });
    assert.equal(other.reason, "purpose_not_granted");
  });

  test("sees a withdrawal with the next question", async () => {
    const question = { person: demo.person(2), purpose: MATCHING };
    await demo.consent(question.person, MATCHING, "given");
    assert.equal((await client().evaluate(question)).permitted, true);
    await demo.consent(question.person, MATCHING, "withdrawn");
    assert.equal((await client().evaluate(question)).reason, "consent_withdrawn");
  });

  test("denies a permit with an obligation that is not declared", async () => {
    const decision = await client({ handles: ["generalise"] }).evaluate({ person: yes, purpose: MATCHING });
    assert.deepEqual([decision.permitted, decision.reason], [false, "obligation_not_handled"]);
    assert.ok(decision.notHandled.includes("human_review"));
  });

  test("asks many questions in order", async () => {
    const asked = [no, yes, "nobody"].map((person) => ({ person, purpose: MATCHING }));
    const reasons = async (semantic) => (await client().evaluateMany(asked, { semantic })).map((d) => d.reason);
    assert.deepEqual(await reasons("execute_all"), ["consent_missing", "permit", "unknown_subject"]);
    assert.deepEqual(await reasons("deny_on_first_deny"), ["consent_missing"]);
    assert.deepEqual(await reasons("permit_on_first_permit"), ["consent_missing", "permit"]);
    assert.deepEqual(await client().evaluateMany([]), []);
    const many = await client({ times: {} }).evaluateMany([...Array(1001).fill(asked[1]), asked[0]]);
    assert.deepEqual([many.length, many[1000].permitted, many[1001].permitted], [1002, true, false]);
  });

  test("reads permitted fields under a pseudonym", async () => {
    const read = await client().read(yes, MATCHING);
    assert.match(read.pseudonym, /^p_/);
    assert.ok("user.demographic.profile.skills" in read.fields);
    assert.ok(!("user.contact.email" in read.fields));
    const denied = await client().read(no, MATCHING);
    assert.deepEqual([denied.decision.reason, denied.fields, denied.pseudonym], ["consent_missing", {}, ""]);
  });

  test("stores a decision once", async () => {
    const recorded = await client().postDecision(event(yes));
    assert.deepEqual([recorded.isNew, recorded.hadPermit], [true, true]);
    const again = await client().postDecision(event(yes));
    assert.deepEqual([again.isNew, again.decisionId], [false, recorded.decisionId]);
    await assert.rejects(client().postDecision(event(yes, 1, { outcome: { value: "not_proposed" } })), egide.Conflict);
    const both = await client().postDecisions([event(yes, 2), event(no, 3)]);
    assert.deepEqual(both.map((one) => one.hadPermit), [true, false]);
    assert.deepEqual(await client().postDecisions([]), []);
  });

  test("throws what is a mistake", async () => {
    await assert.rejects(client({ key: "egt_wrong" }).evaluate({ person: yes, purpose: MATCHING }), egide.Unauthenticated);
    await assert.rejects(client({ tool: "newsletter" }).evaluate({ person: yes, purpose: "newsletter.noncommercial" }), egide.Forbidden);
    await assert.rejects(client().postDecision({ specversion: "1.0" }), (error) =>
      error instanceof egide.InvalidRequest && error.code === "invalid_request" && error.problem.errors.length > 0);
  });

  test("denies once the vault has stopped", async () => {
    const asking = client();
    assert.equal((await asking.evaluate({ person: yes, purpose: MATCHING })).permitted, true);
    await demo.stop();
    const decision = await asking.evaluate({ person: yes, purpose: MATCHING });
    assert.deepEqual([decision.permitted, decision.reason, decision.available], [false, "unavailable", false]);
    assert.equal((await asking.read(yes, MATCHING)).decision.reason, "unavailable");
    assert.deepEqual((await asking.evaluateMany([ask, ask])).map((d) => d.reason), ["unavailable", "unavailable"]);
    await assert.rejects(asking.evaluate({ person: yes, purpose: MATCHING }, { raising: true }), egide.Unavailable);
    await assert.rejects(asking.postDecision(event(yes)), egide.Unavailable);
  });
});

describe("whatever answers in the vault's place", () => {
  test("a stub can permit", async () => { // else the tests below would show nothing
    await withStub([[200, PERMIT]], async (stub) => assert.equal((await stubClient(stub).evaluate(ask)).permitted, true));
    await withStub([[200, READ]], async (stub) => assert.equal((await stubClient(stub).read("x", MATCHING)).decision.permitted, true));
  });

  const context = (more) => ({ decision: true, context: { ...PERMIT.context, ...more } });
  const answers = [
    [200, ""], [200, "true"], [200, "[]"], [200, "{}"], [200, { ...PERMIT, decision: "true" }], [200, { ...PERMIT, decision: 1 }],
    [200, { decision: true }], [200, { decision: true, context: [] }], [200, context({ reason: "consent_withdrawn" })],
    [200, context({ reason: undefined })], [200, context({ purpose: "newsletter.noncommercial" })],
    [200, "[".repeat(100000)], [200, Buffer.from([0xff, 0xfe])], [200, PERMIT, { "Content-Type": "text/html" }], [204, ""],
    [206, PERMIT], [302, "", { Location: "http://127.0.0.1:1/" }], [500, "oops"], [502, PERMIT], [503, PERMIT], null,
  ];
  for (const answer of answers)
    test(`is no permit: ${JSON.stringify(answer).slice(0, 90)}`, () =>
      withStub([answer], async (stub) => {
        const client = stubClient(stub, { handles: ALL });
        for (const decision of [await client.evaluate(ask), (await client.read("x", MATCHING)).decision])
          assert.deepEqual([decision.permitted, decision.reason], [false, "unavailable"]);
        await assert.rejects(client.evaluate(ask, { raising: true }), egide.Unavailable);
      }));

  test("denies for obligations that are unknown or broken", async () => {
    const good = { id: "o1", type: "custom", properties: { vendor: "egide", action: "mask" } };
    const lists = [{ ...good, type: "step-up" }, { ...good, properties: { vendor: "other", action: "mask" } },
      { ...good, properties: { vendor: "egide", action: "dance" } }, { ...good, properties: null },
      { type: "custom", properties: good.properties }, "mask", null, 7].flatMap((broken) => [[broken], [good, broken]]);
    for (const obligations of [...lists, "mask", [good, good]])
      await withStub([[200, context({ obligations })]], async (stub) => {
        const decision = await stubClient(stub, { handles: ALL }).evaluate(ask);
        assert.deepEqual([decision.permitted, decision.reason], [false, "obligation_not_handled"], JSON.stringify(obligations));
      });
    await withStub([[200, context({ obligations: [good] })]], async (stub) =>
      assert.equal((await stubClient(stub, { handles: ALL }).evaluate(ask)).permitted, true));
  });

  test("denies for a batch of another length, and one cut short by nobody", async () => {
    for (const items of [[], [PERMIT], [PERMIT, PERMIT, PERMIT], "x", null])
      await withStub([[200, { evaluations: items }]], async (stub) =>
        assert.deepEqual((await stubClient(stub).evaluateMany([ask, ask])).map((d) => d.reason), ["unavailable", "unavailable"]));
    const denied = { decision: false, context: { reason: "erased" } };
    await withStub([[200, { evaluations: [denied] }]], async (stub) =>
      assert.deepEqual((await stubClient(stub).evaluateMany([ask, ask], { semantic: "permit_on_first_permit" })).map((d) => d.reason),
        ["unavailable", "unavailable"]));
  });

  test("drops fields that come with a denial, and takes no read without them", async () => {
    await withStub([[200, { ...READ, decision: false, context: { reason: "erased" } }]], async (stub) =>
      assert.deepEqual((await stubClient(stub).read("x", MATCHING)).fields, {}));
    for (const missing of ["fields", "subject"])
      await withStub([[200, { ...READ, [missing]: undefined }]], async (stub) =>
        assert.equal((await stubClient(stub).read("x", MATCHING)).decision.reason, "unavailable"));
  });

  test("denies when the time is over", () =>
    withStub([() => new Promise(() => {})], async (stub) => {
      const client = stubClient(stub, { times: { attempt: 100, total: 100 } });
      assert.equal((await client.evaluate(ask)).reason, "unavailable");
    }));
});

describe("repeating", () => {
  const busy = [503, { title: "Busy", code: "unavailable" }, problem];
  const stored = [201, { decisions: [{ source: "s", id: "run-1", decision_id: "d", new: true, had_permit: true }] }];

  test("what may pass", async () => {
    for (const failure of [busy, null, [429, {}, { "Retry-After": "0" }]])
      await withStub([failure, [200, PERMIT]], async (stub) => {
        assert.equal((await stubClient(stub).evaluate(ask)).permitted, true);
        assert.equal(stub.requests.length, 2);
      });
  });

  test("not what will not", async () => {
    for (const status of [400, 401, 403, 404, 409, 413, 415, 422])
      await withStub([[status, {}, problem]], async (stub) => {
        await assert.rejects(stubClient(stub).postDecision(event("x")), (error) => error.status === status);
        assert.equal(stub.requests.length, 1);
      });
  });

  test("a decision under one key", () =>
    withStub([null, busy, [409, { code: "conflict" }, problem], stored], async (stub) => {
      await stubClient(stub).postDecision(event("x"));
      await stubClient(stub).postDecision(event("x"));
      const keys = stub.requests.map((request) => request.headers["idempotency-key"]);
      assert.equal(keys.length, 5);
      assert.equal(new Set(keys.slice(0, 4)).size, 1);
      assert.notEqual(keys[4], keys[0]);
      for (const key of ["", 'a"b', "a\r\nX: y", "é", "a".repeat(256)])
        await assert.rejects(stubClient(stub).postDecision(event("x"), key), TypeError, key);
      assert.equal(stub.requests.length, 5);
      await stubClient(stub).postDecision(event("x"), "run-17");
      assert.equal(stub.requests[5].headers["idempotency-key"], '"run-17"');
    }));

  test("ends where the vault asks for more time than there is", () =>
    withStub([[429, {}, { "Retry-After": "3600" }]], async (stub) => {
      assert.equal((await stubClient(stub).evaluate(ask)).reason, "unavailable");
      await assert.rejects(stubClient(stub).evaluate(ask, { raising: true }), (error) =>
        error instanceof egide.TooManyRequests && error.retryAfter === 3600);
      assert.equal(stub.requests.length, 2);
    }));
});

describe("secrecy", () => {
  test("the key goes nowhere else", () =>
    withStub([[200, PERMIT]], (elsewhere) =>
      withStub([[307, "", { Location: elsewhere.url }]], async (stub) => {
        await stubClient(stub).evaluate(ask);
        assert.deepEqual(elsewhere.requests, []);
        assert.ok(!JSON.stringify(stubClient(stub)).includes("secret-key"));
      })));

  test("addresses and keys that are refused", () => {
    for (const url of ["http://vault.example.org", "ftp://127.0.0.1", "http://127.0.0.1?x=1", "vault", "http://u@127.0.0.1"])
      assert.throws(() => new egide.Client(url, { tool: "m", key: "k" }), TypeError, url);
    for (const key of ["", "a\r\nX: y", "é"])
      assert.throws(() => new egide.Client("http://127.0.0.1", { tool: "m", key }), TypeError);
    new egide.Client("https://vault.example.org", { tool: "m", key: "k" });
  });

  test("no person in addresses or errors", () =>
    withStub([[400, { title: "Wrong" }, problem]], async (stub) => {
      await assert.rejects(stubClient(stub).evaluate({ person: "person-17", purpose: MATCHING }), (error) =>
        error instanceof egide.InvalidRequest && !String(error.stack).includes("person-17"));
      assert.ok(!stub.requests[0].path.includes("person-17"));
    }));
});

describe("webhooks", () => {
  // Standard Webhooks' own vector.
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const now = 1614265330;
  const good = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": String(now),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };
  const body = Buffer.from('{"test": 2432232314}');
  const verify = ({ headers = {}, secrets = secret, bytes = body, ...options } = {}) =>
    egide.verifyWebhook(secrets, { ...good, ...headers }, bytes, { now, ...options });
  const refused = (how) => assert.throws(() => verify(how), egide.InvalidWebhook, JSON.stringify(how));

  test("the official vector", () => {
    assert.deepEqual(verify().payload, { test: 2432232314 });
    assert.equal(egide.verifyWebhook(secret, new Headers(good), body, { now }).id, good["webhook-id"]);
  });

  test("any of several signatures and secrets", () => {
    const other = "whsec_" + Buffer.alloc(32, 7).toString("base64");
    const signature = good["webhook-signature"];
    verify({ headers: { "webhook-signature": `v1,${"A".repeat(43)}= v1a,xx ${signature}` } });
    verify({ secrets: [other, secret] });
    refused({ secrets: other });
    refused({ headers: { "webhook-signature": "v1a," + signature.slice(3) } });
  });

  test("every changed part is refused", () => {
    refused({ bytes: Buffer.from('{"test": 2432232314} ') });
    refused({ headers: { "webhook-id": "msg_other" } });
    refused({ headers: { "webhook-timestamp": String(now + 1) } });
    for (const signature of ["", "v1,", "v1,!!!!", "v1", good["webhook-signature"].slice(0, -2), "v1,é"])
      refused({ headers: { "webhook-signature": signature } });
    for (const name of Object.keys(good)) refused({ headers: { [name]: undefined } });
    refused({ headers: { "Webhook-Id": "x" } });
    refused({ headers: { "webhook-id": ["a", "b"] } });
  });

  test("old and early ones are refused", () => {
    verify({ now: now + 300 });
    verify({ now: now - 300 });
    refused({ now: now + 301 });
    refused({ now: now - 301 });
    refused({ now: undefined });
    for (const stamp of ["", "x", "-1", "1614265330.0", " 1614265330"]) refused({ headers: { "webhook-timestamp": stamp } });
  });

  test("signed nonsense and secrets that are none", () => {
    for (const text of ["", "[]", "{"]) {
      const signed = createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`${good["webhook-id"]}.${now}.${text}`);
      refused({ bytes: Buffer.from(text), headers: { "webhook-signature": "v1," + signed.digest("base64") } });
    }
    for (const wrong of ["", "whsec_", secret.slice(6), "whsec_short", "whsec_!!!!", "whsk_" + secret.slice(6)])
      assert.throws(() => verify({ secrets: wrong }), TypeError);
  });
});
