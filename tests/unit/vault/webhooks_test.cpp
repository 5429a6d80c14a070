// Endpoints, the queue and the worker together, against a client that makes no network call.
#include "egide/vault/webhooks.h"

#include <gtest/gtest.h>

#include <deque>

#include "egide/vault/webhook_worker.h"
#include "requests_fixture.h"
#include "webhook_signature.h"

namespace egide::vault {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMatching = "ai.mission_matching";

class ScriptedClient final : public outbound::Client {
 public:
  outbound::Answer post(const outbound::Call& call) override {
    calls.push_back(call);
    outbound::Answer answer;
    answer.failure = outbound::Failure::None;
    answer.status = 200;
    const auto body = nlohmann::json::parse(call.body);
    const auto& data = body.contains("data") ? body.at("data") : body;
    if (data.at("type") == "endpoint.test" && echoes) answer.body = data.at("challenge").get<std::string>();
    if (data.at("type") != "endpoint.test" && !script.empty()) {
      answer = script.front();
      script.pop_front();
    }
    return answer;
  }
  base::Result<void> check(std::string_view) const override { return {}; }
  void answer_next(int status) {
    outbound::Answer answer;
    answer.failure = outbound::Failure::None;
    answer.status = status;
    script.push_back(answer);
  }
  std::deque<outbound::Answer> script;
  std::vector<outbound::Call> calls;
  bool echoes = true;
};

std::string header(const outbound::Call& call, const std::string& name) {
  for (const auto& [key, value] : call.headers)
    if (key == name) return value;
  return {};
}
nlohmann::json body_of(const outbound::Call& call) { return nlohmann::json::parse(call.body); }
nlohmann::json data_of(const outbound::Call& call) { return body_of(call).at("data"); }

class WebhooksTest : public RequestsFixture {
 protected:
  void SetUp() override {
    RequestsFixture::SetUp();
    admin_ = account("admin", Role::Admin);
    restart_worker();
  }
  void restart_worker(int calls_per_minute = 1000) {
    WebhookWorkerOptions options;
    options.source = "https://vault.example.org";
    options.threads = 0;  // sent by hand
    options.calls_per_minute = calls_per_minute;
    options.random = [] { return 0.0; };
    worker_ = std::make_unique<WebhookWorker>(services(), client_, options);
    ASSERT_TRUE(worker_->start());
  }
  void TearDown() override { worker_.reset(); }
  Webhooks webhooks() { return {services(), policy_}; }
  Caller add_tool(const std::string& id, std::vector<std::string> purposes) {
    NewTool tool;
    tool.id = id;
    tool.purposes = std::move(purposes);
    return *Accounts(services()).authenticate(*Accounts(services()).add_tool(admin_, tool));
  }
  NewWebhook wanted(const std::string& tool = "matcher") {
    NewWebhook out;
    out.url = "https://receiver.example.org/hook";
    out.tool = tool;
    return out;
  }
  CreatedWebhook create(const NewWebhook& wanted) {
    auto created = webhooks().create(admin_, wanted);
    EXPECT_TRUE(created) << created.error().message();
    return *created;
  }
  // Made, tested and ready for events.
  CreatedWebhook subscribe(const NewWebhook& wanted) {
    auto out = create(wanted);
    send_all();
    EXPECT_EQ(state_of(out.view.row.id), "active");
    client_.calls.clear();
    return out;
  }
  std::string state_of(const base::RecordId& id) { return webhooks().get(admin_, id)->row.state; }
  // Everything that is due now.
  int send_all() {
    for (int sent = 0;; ++sent) {
      const auto one = worker_->deliver_one();
      EXPECT_TRUE(one) << one.error().message();
      if (!one || !*one) return sent;
    }
  }
  std::vector<std::string> sent_types() {
    std::vector<std::string> out;
    for (const auto& call : client_.calls) out.push_back(data_of(call).at("type").get<std::string>());
    return out;
  }
  std::vector<WebhookDeliveryView> deliveries(const base::RecordId& id) {
    storage::WebhookDeliveryFilter filter;
    filter.endpoint = id;
    return webhooks().deliveries(admin_, filter)->items;
  }
  WebhookDeliveryView delivery(const base::RecordId& id, const std::string& type) {
    for (auto& view : deliveries(id))
      if (view.row.type == type) return view;
    ADD_FAILURE() << type;
    return {};
  }
  std::string pseudonym(const std::string& purpose, const std::string& tool) {
    return *services().pseudonyms->pseudonym(purpose, tool, subject_);
  }
  base::ErrorCode code_of(const NewWebhook& wanted) { return webhooks().create(admin_, wanted).error().code(); }

  outbound::Policy policy_;
  ScriptedClient client_;
  std::unique_ptr<WebhookWorker> worker_;
  Caller admin_;
};

TEST_F(WebhooksTest, GetsNothingButItsTestUntilItEchoesTheChallenge) {
  client_.echoes = false;
  const auto created = create(wanted());
  give_consent(kMatching);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(state_of(created.view.row.id), "unverified");
  clock_->advance(10min);
  EXPECT_EQ(send_all(), 1);
  clock_->advance(10min);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(state_of(created.view.row.id), "disabled");
  EXPECT_EQ(webhooks().get(admin_, created.view.row.id)->row.reason, "challenge_failed");
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"endpoint.test", "endpoint.test", "endpoint.test"}));
  // Switched on again, it is asked again; and the consent of before is not told: nobody had proven to be the receiver.
  client_.echoes = true;
  WebhookChange on;
  on.active = true;
  const auto version = webhooks().get(admin_, created.view.row.id)->row.version;
  ASSERT_TRUE(webhooks().change(admin_, created.view.row.id, version, on));
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(state_of(created.view.row.id), "active");
}

TEST_F(WebhooksTest, TellsAConsentAsASignedCloudEventUnderThePseudonym) {
  const auto hook = subscribe(wanted());
  give_consent(kMatching);
  ASSERT_EQ(send_all(), 1);
  const auto& call = client_.calls.at(0);
  const auto event = body_of(call);
  EXPECT_EQ(event.at("specversion"), "1.0");
  EXPECT_EQ(event.at("type"), "org.egide.consent.given");
  EXPECT_EQ(event.at("source"), "https://vault.example.org");
  EXPECT_EQ(event.at("id"), header(call, "webhook-id"));
  EXPECT_EQ(event.at("datacontenttype"), "application/json");
  EXPECT_FALSE(event.contains("subject"));  // CloudEvents' own attribute is not for people
  const auto& data = event.at("data");
  EXPECT_EQ(data.at("subject"), pseudonym(kMatching, "matcher"));
  EXPECT_EQ(data.at("purpose"), kMatching);
  EXPECT_EQ(data.at("timestamp"), event.at("time"));
  EXPECT_TRUE(data.contains("consent"));
  EXPECT_TRUE(data.contains("valid_until"));
  EXPECT_EQ(data.at("log_index"), log_size() - 1);
  EXPECT_EQ(header(call, "Content-Type"), "application/cloudevents+json; charset=UTF-8");
  EXPECT_EQ(header(call, "webhook-signature"),
            webhook_signature_v1(*base::from_base64(hook.secret.substr(6)), header(call, "webhook-id"),
                                 header(call, "webhook-timestamp"), call.body));
  EXPECT_EQ(header(call, "webhook-id").find('.'), std::string::npos);
  EXPECT_LT(call.body.size(), 20'000U);
}

TEST_F(WebhooksTest, TellsOnlyToolsThatAreGrantedThePurposeAndTypesThatWereAskedFor) {
  add_tool("mailer", {"newsletter.noncommercial"});
  add_tool("other", {kMatching});
  subscribe(wanted("mailer"));
  auto some = wanted("other");
  some.types = {"consent.withdrawn"};
  subscribe(some);
  subscribe(wanted(""));
  give_consent(kMatching);
  EXPECT_EQ(send_all(), 0);
  give_consent(kMatching, "withdrawn");
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(data_of(client_.calls.at(0)).at("subject"), pseudonym(kMatching, "other"));
}

TEST_F(WebhooksTest, AChangeThatFailsTellsNobody) {
  const auto hook = subscribe(wanted());
  NewConsent consent;
  consent.purpose = kMatching;
  consent.status = "withdrawn";  // nothing stands that could be withdrawn
  consent.channel = "portal";
  EXPECT_FALSE(RecordConsent(services()).execute(dpo_, subject_, consent));
  EXPECT_EQ(send_all(), 0);
  EXPECT_EQ(deliveries(hook.view.row.id).size(), 1U);  // the test
}

TEST_F(WebhooksTest, TriesAgainUnderTheSameIdByTheTable) {
  const auto hook = subscribe(wanted());
  give_consent(kMatching);
  const std::vector<std::chrono::milliseconds> table = {5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
  for (int i = 0; i < 10; ++i) client_.answer_next(500);
  EXPECT_EQ(send_all(), 1);
  for (const auto delay : table) {
    clock_->advance(delay - 1ms);
    EXPECT_EQ(send_all(), 0);
    clock_->advance(1ms);
    EXPECT_EQ(send_all(), 1);
  }
  clock_->advance(48h);
  EXPECT_EQ(send_all(), 0);
  std::set<std::string> ids, times, bodies;
  for (const auto& call : client_.calls) {
    ids.insert(header(call, "webhook-id"));
    times.insert(header(call, "webhook-timestamp"));
    bodies.insert(call.body);
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(times.size(), 10U);
  const auto told = delivery(hook.view.row.id, "consent.given");
  EXPECT_EQ(told.row.state, "failed");
  EXPECT_EQ(told.attempts.size(), 10U);
  EXPECT_EQ(state_of(hook.view.row.id), "active");
  // Sent again by hand: same id, a fresh round.
  ASSERT_TRUE(webhooks().redeliver(tool_, told.row.id));
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(header(client_.calls.back(), "webhook-id"), *ids.begin());
  EXPECT_EQ(delivery(hook.view.row.id, "consent.given").row.state, "delivered");
}

TEST_F(WebhooksTest, AReceiverThatIsGoneIsDisabledAndItsEventsAreKept) {
  const auto hook = subscribe(wanted());
  const auto& id = hook.view.row.id;
  client_.answer_next(410);
  give_consent(kMatching);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(state_of(id), "disabled");
  EXPECT_EQ(webhooks().get(admin_, id)->row.reason, "gone");
  give_consent(kMatching, "withdrawn");
  clock_->advance(48h);
  EXPECT_EQ(send_all(), 0);
  WebhookChange on;
  on.active = true;
  ASSERT_TRUE(webhooks().change(admin_, id, webhooks().get(admin_, id)->row.version, on));
  client_.calls.clear();
  EXPECT_EQ(send_all(), 2);
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"endpoint.test", "consent.withdrawn"}));
}

TEST_F(WebhooksTest, SparesAnEndpointThatSaysSoAndOnlyThatOne) {
  add_tool("other", {kMatching});
  subscribe(wanted("matcher"));
  subscribe(wanted("other"));
  outbound::Answer busy;
  busy.failure = outbound::Failure::None;
  busy.status = 429;
  busy.retry_after = 600s;
  client_.script.push_back(busy);
  give_consent(kMatching);
  give_consent(kMatching, "withdrawn");
  EXPECT_EQ(send_all(), 3);  // one, then both of the other
  clock_->advance(599s);
  EXPECT_EQ(send_all(), 0);
  clock_->advance(1s);
  EXPECT_EQ(send_all(), 2);
}

TEST_F(WebhooksTest, CallsOneEndpointSoOftenAMinuteAndNoMore) {
  add_tool("other", {kMatching});
  subscribe(wanted("matcher"));
  subscribe(wanted("other"));
  restart_worker(2);
  for (const char* status : {"given", "withdrawn", "given", "withdrawn", "given"}) give_consent(kMatching, status);
  EXPECT_EQ(send_all(), 4);  // two to each
  clock_->advance(59s);
  EXPECT_EQ(send_all(), 0);
  clock_->advance(1s);
  EXPECT_EQ(send_all(), 4);
  clock_->advance(60s);
  EXPECT_EQ(send_all(), 2);
}

TEST_F(WebhooksTest, AnErasureDropsWhatIsQueuedAndTellsToErase) {
  const auto hook = subscribe(wanted());
  give_consent(kMatching);  // queued, not sent
  const auto name = pseudonym(kMatching, "matcher");
  const auto preview = PreviewErasure(services()).execute(dpo_, subject_);
  ASSERT_TRUE(preview);
  EXPECT_TRUE(std::any_of(preview->erased.begin(), preview->erased.end(),
                          [](const auto& rows) { return rows.table == "webhook_delivery" && rows.rows == 1; }));
  fulfil(begin("erasure", person_));
  EXPECT_EQ(send_all(), 1);
  const auto data = data_of(client_.calls.at(0));
  EXPECT_EQ(data.at("type"), "subject.erased");
  EXPECT_EQ(data.at("subject"), name);
  EXPECT_TRUE(data.contains("request"));
  EXPECT_FALSE(data.at("categories").empty());
  for (const auto& one : deliveries(hook.view.row.id)) EXPECT_FALSE(one.row.subject);
}

TEST_F(WebhooksTest, ReceivedIsNotDoneUntilTheToolSaysSo) {
  const auto hook = subscribe(wanted());
  const auto stranger = add_tool("stranger", {kMatching});
  give_consent(kMatching);
  fulfil(begin("erasure", person_));
  send_all();
  const auto erased = delivery(hook.view.row.id, "subject.erased").row.id;
  EXPECT_EQ(webhooks().acknowledge(stranger, erased, {"done", "", ""}).error().code(), base::ErrorCode::NotFound);
  EXPECT_EQ(webhooks().acknowledge(tool_, erased, {"maybe", "", ""}).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_FALSE(webhooks().acknowledge(tool_, erased, {"refused", "because", ""}));
  EXPECT_FALSE(webhooks().acknowledge(tool_, erased, {"done", "", "2032-03-01"}));
  const auto size = log_size();
  const auto refused = webhooks().acknowledge(tool_, erased, {"refused", "legal_obligation", "2032-03-01"});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->row.ack_until, "2032-03-01");
  ASSERT_TRUE(webhooks().acknowledge(tool_, erased, {"done", "", ""}));
  EXPECT_EQ(events_from(size), (std::vector<std::string>{"webhook.acknowledged", "webhook.acknowledged"}));
  EXPECT_EQ(webhooks().acknowledge(tool_, erased, {"done", "", ""}).error().code(), base::ErrorCode::Conflict);
  const auto test = delivery(hook.view.row.id, "endpoint.test").row.id;
  EXPECT_EQ(webhooks().acknowledge(tool_, test, {"done", "", ""}).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(webhooks().redeliver(tool_, test).error().code(), base::ErrorCode::Conflict);
}

TEST_F(WebhooksTest, RotationSignsWithBothAndThenWithTheNewOne) {
  auto both = wanted();
  both.asymmetric = true;
  const auto hook = subscribe(both);
  EXPECT_EQ(hook.view.public_key.substr(0, 5), "whpk_");
  const auto rotated = webhooks().rotate(admin_, hook.view.row.id);
  ASSERT_TRUE(rotated);
  const auto signatures = [&](const outbound::Call& call) {
    const auto list = header(call, "webhook-signature");
    return static_cast<int>(std::count(list.begin(), list.end(), ' ')) + 1;
  };
  const auto signed_by = [&](const outbound::Call& call, const std::string& secret) {
    const auto right = webhook_signature_v1(*base::from_base64(secret.substr(6)), header(call, "webhook-id"),
                                            header(call, "webhook-timestamp"), call.body);
    return header(call, "webhook-signature").find(right) != std::string::npos;
  };
  give_consent(kMatching);
  send_all();
  EXPECT_EQ(signatures(client_.calls.at(0)), 4);
  EXPECT_TRUE(signed_by(client_.calls.at(0), hook.secret));
  EXPECT_TRUE(signed_by(client_.calls.at(0), rotated->secret));
  clock_->advance(24h);
  give_consent(kMatching, "withdrawn");
  send_all();
  EXPECT_EQ(signatures(client_.calls.at(1)), 2);
  EXPECT_FALSE(signed_by(client_.calls.at(1), hook.secret));
  EXPECT_TRUE(signed_by(client_.calls.at(1), rotated->secret));
}

TEST_F(WebhooksTest, SendsAgainWhatAnEndedProcessWasSending) {
  subscribe(wanted());
  give_consent(kMatching);
  outbound::Answer cut;
  cut.failure = outbound::Failure::Cancelled;
  client_.script.push_back(cut);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(send_all(), 0);  // claimed by the process that ends now
  worker_.reset();
  reopen();
  restart_worker();
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(header(client_.calls.at(0), "webhook-id"), header(client_.calls.at(1), "webhook-id"));
}

TEST_F(WebhooksTest, TellsWhatWasDoneForThePersonAndTheAssociationOfItsRequests) {
  subscribe(wanted());
  give_consent(kMatching);
  send_all();
  client_.calls.clear();
  fulfil(begin("restriction", person_));
  send_all();
  ASSERT_EQ(sent_types(), (std::vector<std::string>{"subject.restricted"}));
  EXPECT_EQ(data_of(client_.calls[0]).at("purposes"), nlohmann::json::array({kMatching}));
  subscribe(wanted(""));
  open("access", person_);
  send_all();
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"request.received", "request.acknowledged"}));
  EXPECT_EQ(data_of(client_.calls[0]).at("request_type"), "access");
  EXPECT_FALSE(data_of(client_.calls[0]).contains("subject"));
}

TEST_F(WebhooksTest, TellsOfACorrectionThePurposeHasToDoWith) {
  subscribe(wanted());
  give_consent(kMatching);
  send_all();
  client_.calls.clear();
  Attributes skills, name;
  skills["user.demographic.profile.skills"] = nlohmann::json::array({"CANARY-SKILL"});
  ASSERT_TRUE(UpdateSubject(services()).execute(dpo_, subject_, 1, skills, "api"));
  send_all();
  ASSERT_EQ(sent_types(), (std::vector<std::string>{"subject.rectified"}));
  EXPECT_EQ(data_of(client_.calls[0]).at("categories"), nlohmann::json::array({"user.demographic.profile.skills"}));
}

TEST_F(WebhooksTest, ARevokedToolIsToldThatAndNothingMoreButToErase) {
  subscribe(wanted());
  give_consent(kMatching);  // queued before
  ASSERT_TRUE(Accounts(services()).revoke_tool(admin_, "matcher"));
  give_consent(kMatching, "withdrawn");
  send_all();
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"tool.revoked"}));
  client_.calls.clear();
  fulfil(begin("erasure", person_));
  send_all();
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"subject.erased"}));
}

TEST_F(WebhooksTest, NoBodyHoldsAnythingPersonal) {
  auto plain = wanted();
  plain.format = "plain";
  create(plain);
  create(wanted(""));
  send_all();
  give_consent(kMatching);
  Attributes changes;
  changes["user.demographic.profile.skills"] = nlohmann::json::array({"CANARY-INPUT"});
  ASSERT_TRUE(UpdateSubject(services()).execute(dpo_, subject_, 1, changes, "api"));
  fulfil(begin("objection", person_));
  fulfil(begin("withdrawal", person_));
  fulfil(begin("erasure", person_));
  EXPECT_GE(send_all(), 8);
  auto canaries = kCanaries;
  canaries.insert(canaries.end(), {subject_.str(), "cuisine", "1980"});
  for (const auto& call : client_.calls)
    for (const auto& canary : canaries) {
      EXPECT_EQ(call.body.find(canary), std::string::npos) << call.body;
      EXPECT_EQ(call.url.find(canary), std::string::npos);
    }
}

TEST_F(WebhooksTest, RefusesWhatItCanNotCallOrSend) {
  for (const char* url : {"http://receiver.example.org/", "https://127.0.0.1/", "https://169.254.169.254/", "x"}) {
    auto bad = wanted();
    bad.url = url;
    EXPECT_EQ(code_of(bad), base::ErrorCode::InvalidRequest) << url;
  }
  for (const char* type : {"request.received", "endpoint.test", "consent.*", "no.such", ""}) {
    auto bad = wanted();
    bad.types = {type};
    EXPECT_EQ(code_of(bad), base::ErrorCode::InvalidRequest) << type;
  }
  auto bad = wanted("");
  bad.types = {"consent.given"};  // the association's own endpoint has no pseudonym of anybody
  EXPECT_EQ(code_of(bad), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(wanted("nobody")), base::ErrorCode::InvalidRequest);
  bad = wanted();
  bad.format = "xml";
  EXPECT_EQ(code_of(bad), base::ErrorCode::InvalidRequest);
  for (int i = 0; i < kMaxWebhooksOfOneOwner; ++i) create(wanted());
  EXPECT_EQ(code_of(wanted()), base::ErrorCode::Conflict);
  for (const Caller* caller : {&tool_, &dpo_, &coordinator_, &auditor_})
    EXPECT_EQ(webhooks().create(*caller, wanted()).error().code(), base::ErrorCode::Forbidden);
}

TEST_F(WebhooksTest, AToolSeesItsOwnOnly) {
  const auto own = create(wanted());
  const auto foreign = create(wanted(""));
  EXPECT_EQ(webhooks().list(tool_)->size(), 1U);
  EXPECT_EQ(webhooks().list(admin_)->size(), 2U);
  EXPECT_TRUE(webhooks().get(tool_, own.view.row.id));
  EXPECT_EQ(webhooks().get(tool_, foreign.view.row.id).error().code(), base::ErrorCode::NotFound);
  storage::WebhookDeliveryFilter filter;
  filter.endpoint = foreign.view.row.id;
  EXPECT_FALSE(webhooks().deliveries(tool_, filter));
  EXPECT_FALSE(webhooks().redeliver_between(tool_, foreign.view.row.id, base::Timestamp(), clock_->now(), {}));
  EXPECT_FALSE(webhooks().redeliver(tool_, deliveries(foreign.view.row.id).at(0).row.id));
  EXPECT_TRUE(webhooks().list(dpo_)->empty());
  ASSERT_TRUE(webhooks().remove(admin_, own.view.row.id));
  EXPECT_FALSE(webhooks().get(tool_, own.view.row.id));
}

TEST_F(WebhooksTest, AnotherAddressHasToProveItself) {
  const auto hook = subscribe(wanted());
  WebhookChange moved;
  moved.url = "https://elsewhere.example.org/";
  const auto version = webhooks().get(admin_, hook.view.row.id)->row.version;
  EXPECT_EQ(webhooks().change(admin_, hook.view.row.id, version + 1, moved).error().code(),
            base::ErrorCode::Precondition);
  ASSERT_TRUE(webhooks().change(admin_, hook.view.row.id, version, moved));
  client_.echoes = false;
  give_consent(kMatching);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(sent_types(), (std::vector<std::string>{"endpoint.test"}));
  client_.echoes = true;
  clock_->advance(5s);
  EXPECT_EQ(send_all(), 2);
  EXPECT_EQ(client_.calls.back().url, "https://elsewhere.example.org/");
  EXPECT_EQ(sent_types().back(), "consent.given");
}

}  // namespace
}  // namespace egide::vault
