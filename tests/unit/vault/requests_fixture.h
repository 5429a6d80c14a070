// A vault on disk with one person who has something of everything, for the tests of rights requests.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "egide/crypto/random.h"
#include "egide/storage/decision_repository.h"
#include "egide/storage/log_store.h"
#include "egide/vault/accounts.h"
#include "egide/vault/consents.h"
#include "egide/vault/read_answer.h"
#include "egide/vault/read_for_purpose.h"
#include "egide/vault/requests.h"
#include "egide/vault/subject_record.h"
#include "egide/vault/subjects.h"
#include "egide/vault/vault.h"
#include "entries.h"
#include "sealing.h"
#include "vault_fixture.h"

namespace egide::vault {

// Texts that stand nowhere else: none of them may be found after an erasure.
inline const std::vector<std::string> kCanaries = {
    "CANARY-NAME", "canary-mail@example.org", "CANARY-EVIDENCE", "CANARY-DETAILS", "CANARY-DOUBT", "CANARY-INPUT"};

// What RecordDecisions stores, as its row and entry: r32 || sealed members, under the person's key.
class PlantedDecision final : public LoggedChange {
 public:
  PlantedDecision(Services& services, const base::SubjectId& subject) : LoggedChange(services), subject_(subject) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(subject_));
    const std::string about = R"({"inputs":[{"name":"distance","value":"CANARY-INPUT"}]})";
    const auto r32 = crypto::random_array<32>();
    EGIDE_TRY(const auto entry, SubjectEntry::prepare_unstored(services_, *state, about, r32));
    row.id = base::RecordId(crypto::random_uuid());
    row.source = "urn:test";
    row.event_id = row.id.str();
    row.content_hash = base::to_bytes(r32);
    row.type = "org.egide.decision.v1";
    row.tool = base::ToolId("matcher");
    row.subject = subject_;
    row.system_id = "matcher-2";
    row.purpose = "ai.mission_matching";
    row.occurred_at = row.recorded_at = context.now();
    row.clear = R"({"outcome":"proposed"})";
    row.sealed = seal_field(services_, entry.dek(), subject_, {"decision", row.id.str(), "sealed", 1},
                            std::string(base::as_text(r32)) + about);
    EntryFields fields;
    fields.event = audit::event::kDecisionRecorded;
    fields.purpose = row.purpose;
    EGIDE_TRY(row.log_index, append(context, fields, entry));
    return storage::DecisionRepository(context.connection()).insert(row);
  }
  storage::DecisionRow row;

 private:
  base::SubjectId subject_;
};

class RequestsFixture : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    if (HasFatalFailure()) return;
    dpo_ = account("dpo", Role::Dpo);
    coordinator_ = account("coordinator", Role::Coordinator);
    auditor_ = account("auditor", Role::Auditor);
    NewTool tool;
    tool.id = "matcher";
    tool.name = "Mission matcher";
    tool.purposes = {"ai.mission_matching"};
    const auto token = Accounts(services()).add_tool(dpo_, tool);
    ASSERT_TRUE(token);
    tool_ = *Accounts(services()).authenticate(*token);
    subject_ = register_person("CANARY-NAME", "canary-mail@example.org");
    person_ = self(subject_);
  }

  Caller account(const std::string& label, Role role) {
    const auto added = Accounts(services()).add_account(Accounts::operator_of_the_machine(services()), label, role);
    EXPECT_TRUE(added);
    return *Accounts(services()).authenticate(added->token);
  }
  static Caller self(const base::SubjectId& id) {
    Caller caller;
    caller.role = Role::Subject;
    caller.id = id.str();
    caller.subject = id;
    return caller;
  }
  base::SubjectId register_person(const std::string& name, const std::string& email) {
    Attributes attributes;
    attributes["user.name"] = name;
    attributes["user.contact.email"] = email;
    attributes["user.demographic.date_of_birth"] = "1980-02-29";
    attributes["user.demographic.profile.skills"] = nlohmann::json::array({"cuisine"});
    const auto id = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
    EXPECT_TRUE(id) << id.error().message();
    return *id;
  }
  void give_consent(const std::string& purpose, const std::string& status = "given") {
    NewConsent consent;
    consent.purpose = purpose;
    consent.status = status;
    consent.channel = "paper";
    consent.evidence = "CANARY-EVIDENCE";
    const auto recorded = RecordConsent(services()).execute(dpo_, subject_, consent);
    ASSERT_TRUE(recorded) << recorded.error().message();
  }
  AccessAnswer evaluate(const std::string& purpose = "ai.mission_matching") {
    AccessQuestion question;
    question.tool = "matcher";
    question.person = subject_.str();
    question.purpose = purpose;
    const auto answer = EvaluateAccess(services()).execute(tool_, question);
    EXPECT_TRUE(answer);
    return *answer;
  }
  storage::DecisionRow plant_decision() {
    PlantedDecision change(services(), subject_);
    const auto committed = services().committer->commit(change);
    EXPECT_TRUE(committed) << committed.error().message();
    return change.row;
  }
  RequestView open(const std::string& type, const Caller& caller, RequestScope scope = {}) {
    NewRequest request;
    request.type = type;
    request.subject = subject_;
    request.scope = std::move(scope);
    request.details = "CANARY-DETAILS";
    const auto view = OpenRequest(services()).execute(caller, request);
    EXPECT_TRUE(view) << view.error().message();
    return *view;
  }
  base::Result<TransitionResult> move(const Caller& caller, const RequestView& request, const std::string& to,
                                      const std::string& ground = "", const std::string& doubt = "") {
    NewTransition transition;
    transition.to = to;
    transition.expected_version = request.version;
    transition.ground = ground;
    transition.doubt_reason = doubt;
    return TransitionRequest(services()).execute(caller, request.id, transition);
  }
  // To in_progress.
  RequestView begin(const std::string& type, const Caller& opener, RequestScope scope = {}) {
    const auto moved = move(dpo_, open(type, opener, std::move(scope)), "in_progress");
    EXPECT_TRUE(moved) << moved.error().message();
    return moved->request;
  }
  TransitionResult fulfil(const RequestView& request) {
    const auto moved = move(dpo_, request, "fulfilled");
    EXPECT_TRUE(moved) << moved.error().message();
    return *moved;
  }
  // The events of the log's entries from `first` on.
  std::vector<std::string> events_from(std::uint64_t first) {
    const auto reads = services().reads->lease();
    const auto leaves = storage::LogStore(**reads).leaves(first, 1000);
    EXPECT_TRUE(leaves);
    std::vector<std::string> out;
    for (const auto& line : *leaves) out.push_back(nlohmann::json::parse(line).at("ev").get<std::string>());
    return out;
  }

  Caller dpo_, coordinator_, auditor_, tool_, person_;
  base::SubjectId subject_;
};

}  // namespace egide::vault
