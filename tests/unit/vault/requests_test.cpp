// The state machine of rights requests: who may do what, what it needs, and what a fulfilled request does.
#include "egide/vault/requests.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "egide/testing/shared_data.h"
#include "request_states.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RequestsTest : public RequestsFixture {
 protected:
  // Refused with `code`, and neither the request nor the log has changed.
  void expect_refused(const base::Result<TransitionResult>& result, base::ErrorCode code, const RequestView& before,
                      std::uint64_t size_before) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), code) << result.error().message();
    EXPECT_EQ(log_size(), size_before);
    const auto after = GetRequest(services()).execute(dpo_, before.id);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->state, before.state);
    EXPECT_EQ(after->version, before.version);
    EXPECT_EQ(after->transitions.size(), before.transitions.size());
  }
};

TEST_F(RequestsTest, OpensAndAcknowledges) {
  const auto before = log_size();
  RequestScope scope;
  scope.purposes = {"ai.mission_matching"};
  scope.categories = {"user.contact.email"};
  const auto request = open("access", person_, scope);
  EXPECT_EQ(request.state, RequestState::Acknowledged);
  EXPECT_EQ(request.version, 2);
  EXPECT_EQ(request.channel, "portal");
  EXPECT_EQ(request.language, "fr");
  EXPECT_EQ(request.details, "CANARY-DETAILS");
  EXPECT_EQ(request.scope.categories, scope.categories);
  EXPECT_EQ(base::format_date(request.due), "2026-12-18");
  EXPECT_FALSE(request.late);
  EXPECT_EQ(events_from(before), (std::vector<std::string>{"request.opened", "request.changed"}));
  EXPECT_EQ(request.log_index, before);
  ASSERT_EQ(request.transitions.size(), 2U);
  EXPECT_EQ(request.transitions[0].by, "self");
  EXPECT_EQ(request.transitions[1].by, "system");
  EXPECT_EQ(request.transitions[1].log_index, before + 1);
  EXPECT_THAT(request.next, UnorderedElementsAre(RequestState::Withdrawn));
}

TEST_F(RequestsTest, KeepsTheDayOfReceiptAndRefusesTheFuture) {
  NewRequest request;
  request.type = "access";
  request.subject = subject_;
  request.channel = "post";
  request.received_at = *base::parse_rfc3339("2026-01-31T10:00:00Z");
  const auto opened = OpenRequest(services()).execute(dpo_, request);
  ASSERT_TRUE(opened);
  EXPECT_EQ(base::format_date(opened->legal_due), "2026-02-28");
  EXPECT_EQ(base::format_date(opened->due), "2026-03-02");
  EXPECT_TRUE(opened->late);
  EXPECT_EQ(opened->recorded_at, clock_->now());

  request.received_at = clock_->now() + std::chrono::milliseconds(1);
  const auto refused = OpenRequest(services()).execute(dpo_, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields().at(0).pointer, "/received_at");
}

TEST_F(RequestsTest, NamesEveryMistake) {
  NewRequest request;
  request.type = "deletion";
  request.channel = "pigeon";
  request.language = "de";
  request.scope.purposes = {"nothing"};
  request.details = "text about nobody";
  const auto before = log_size();
  const auto refused = OpenRequest(services()).execute(dpo_, request);
  ASSERT_FALSE(refused);
  std::vector<std::string> pointers;
  for (const auto& field : refused.error().fields()) pointers.push_back(field.pointer);
  EXPECT_THAT(pointers,
              UnorderedElementsAre("/type", "/channel", "/language", "/details", "/scope", "/scope/purposes/0"));
  for (const auto& field : refused.error().fields()) EXPECT_EQ(field.detail.find("pigeon"), std::string::npos);
  EXPECT_EQ(log_size(), before);
}

TEST_F(RequestsTest, OnlyTheirOwnForAPerson) {
  const auto other = register_person("Other", "other@example.org");
  NewRequest request;
  request.type = "access";
  request.subject = other;
  EXPECT_EQ(OpenRequest(services()).execute(person_, request).error().code(), base::ErrorCode::Forbidden);

  const auto mine = open("access", person_);
  EXPECT_EQ(GetRequest(services()).execute(self(other), mine.id).error().code(), base::ErrorCode::NotFound);
  EXPECT_EQ(move(self(other), mine, "withdrawn").error().code(), base::ErrorCode::NotFound);
  const auto list =
      ListRequests(services()).execute(self(other), {.subject = subject_, .state = "", .type = "", .after = {}});
  ASSERT_TRUE(list);
  EXPECT_THAT(list->items, IsEmpty());
}

TEST_F(RequestsTest, RolesAreHeldApart) {
  NewRequest request;
  request.type = "information";
  request.subject = subject_;
  const Caller admin = Accounts::operator_of_the_machine(services());
  for (const Caller& caller : {admin, auditor_, tool_})
    EXPECT_EQ(OpenRequest(services()).execute(caller, request).error().code(), base::ErrorCode::Forbidden);
  const auto opened = OpenRequest(services()).execute(coordinator_, request);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_THAT(opened->next, IsEmpty());
  for (const Caller& caller : {admin, coordinator_, tool_}) {
    EXPECT_EQ(GetRequest(services()).execute(caller, opened->id).error().code(), base::ErrorCode::Forbidden);
    EXPECT_EQ(ListRequests(services()).execute(caller, {}).error().code(), base::ErrorCode::Forbidden);
    EXPECT_EQ(move(caller, *opened, "in_progress").error().code(), base::ErrorCode::Forbidden);
    EXPECT_EQ(GetPackage(services()).execute(caller, opened->id).error().code(), base::ErrorCode::Forbidden);
  }
  // The auditor follows the request without learning whose it is.
  const auto seen = GetRequest(services()).execute(auditor_, opened->id);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->subject);
  EXPECT_EQ(seen->details, "");
  EXPECT_EQ(seen->transitions.size(), 2U);
  EXPECT_EQ(GetPackage(services()).execute(auditor_, opened->id).error().code(), base::ErrorCode::Forbidden);
  RequestQuery by_person;
  by_person.subject = subject_;
  EXPECT_EQ(ListRequests(services()).execute(auditor_, by_person).error().code(), base::ErrorCode::Forbidden);
}

TEST_F(RequestsTest, ReadsAreLoggedBeforeTheyAreAnswered) {
  const auto request = open("access", dpo_);
  const auto before = log_size();
  ASSERT_TRUE(GetRequest(services()).execute(dpo_, request.id));
  ASSERT_TRUE(ListRequests(services()).execute(dpo_, {}));
  EXPECT_EQ(events_from(before), (std::vector<std::string>{"record.read", "record.read"}));
}

TEST_F(RequestsTest, ListsByPageInTheOrderOfReceipt) {
  std::vector<base::RecordId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(open(i % 2 == 0 ? "access" : "information", dpo_).id);
    clock_->advance(std::chrono::hours(1));
  }
  RequestQuery query;
  query.limit = 2;
  std::vector<base::RecordId> seen;
  do {
    const auto page = ListRequests(services()).execute(dpo_, query);
    ASSERT_TRUE(page);
    for (const auto& item : page->items) {
      seen.push_back(item.id);
      EXPECT_EQ(item.details, "");
    }
    query.after = page->next;
  } while (query.after);
  EXPECT_EQ(seen, ids);
  query.type = "information";
  EXPECT_EQ(ListRequests(services()).execute(dpo_, query)->items.size(), 2U);
  query.state = "fulfilled";
  EXPECT_THAT(ListRequests(services()).execute(dpo_, query)->items, IsEmpty());
  for (const int limit : {0, 201}) {
    query.limit = limit;
    EXPECT_EQ(ListRequests(services()).execute(dpo_, query).error().code(), base::ErrorCode::InvalidRequest);
  }
}

TEST_F(RequestsTest, AStaleVersionIsRefused) {
  const auto request = open("information", dpo_);
  auto stale = request;
  stale.version = 1;
  expect_refused(move(dpo_, stale, "in_progress"), base::ErrorCode::Precondition, request, log_size());
}

TEST_F(RequestsTest, EveryTransitionOutsideTheTableIsRefused) {
  const auto request = open("information", dpo_);
  int allowed = 0;
  for (unsigned i = 0; i <= static_cast<unsigned>(RequestState::Reopened); ++i) {
    const auto to = static_cast<RequestState>(i);
    if (find_transition(request.state, to) != nullptr) {
      ++allowed;
      continue;
    }
    expect_refused(move(dpo_, request, std::string(name_of(to))), base::ErrorCode::Conflict, request, log_size());
  }
  EXPECT_EQ(allowed, 3);
  expect_refused(move(dpo_, request, "nonsense"), base::ErrorCode::InvalidRequest, request, log_size());
}

TEST_F(RequestsTest, OnlyThePersonWithdrawsTheirRequest) {
  const auto request = open("access", person_);
  expect_refused(move(dpo_, request, "withdrawn"), base::ErrorCode::Forbidden, request, log_size());
  expect_refused(move(person_, request, "in_progress"), base::ErrorCode::Forbidden, request, log_size());
  const auto withdrawn = move(person_, request, "withdrawn");
  ASSERT_TRUE(withdrawn);
  EXPECT_EQ(withdrawn->request.state, RequestState::Withdrawn);
  EXPECT_EQ(withdrawn->request.transitions.back().by, "self");
}

TEST_F(RequestsTest, IdentityIsAskedForOnARecordedDoubtOnly) {
  const auto request = open("access", dpo_);
  expect_refused(move(dpo_, request, "identity_requested"), base::ErrorCode::InvalidRequest, request, log_size());
  const auto asked = move(dpo_, request, "identity_requested", "", "CANARY-DOUBT");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->request.transitions.back().note, "CANARY-DOUBT");
  EXPECT_EQ(asked->request.transitions.back().ground, "identity_pending");
  const auto closed = move(dpo_, asked->request, "closed_unidentified");
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->request.transitions.back().ground, "identity_not_established");
}

TEST_F(RequestsTest, AnExtensionNeedsItsReasonAndItsTime) {
  const auto request = begin("access", person_);
  for (const char* ground : {"", "holidays", "excessive"})
    expect_refused(move(dpo_, request, "extended", ground), base::ErrorCode::InvalidRequest, request, log_size());
  const auto extended = move(dpo_, request, "extended", "complex");
  ASSERT_TRUE(extended);
  EXPECT_TRUE(extended->request.extended);
  EXPECT_EQ(base::format_date(extended->request.legal_due), "2027-02-18");
  expect_refused(move(dpo_, extended->request, "extended", "complex"), base::ErrorCode::Conflict, extended->request,
                 log_size());

  const auto late = begin("access", person_);
  clock_->set(*base::parse_rfc3339("2026-12-18T22:59:00Z"));  // the last minute of the due date in Paris
  const auto before = GetRequest(services()).execute(dpo_, late.id);
  EXPECT_FALSE(before->late);
  clock_->advance(std::chrono::minutes(1));
  expect_refused(move(dpo_, late, "extended", "numerous"), base::ErrorCode::Conflict, late, log_size());
  EXPECT_TRUE(GetRequest(services()).execute(dpo_, late.id)->late);
  EXPECT_FALSE(GetRequest(services()).execute(dpo_, request.id)->late);
}

TEST_F(RequestsTest, ARefusalNeedsAGroundOfItsType) {
  const auto request = begin("access", person_);
  for (const char* to : {"refused", "partially_fulfilled"})
    for (const char* ground : {"", "legal_obligation", "complex", "because"})
      expect_refused(move(dpo_, request, to, ground), base::ErrorCode::InvalidRequest, request, log_size());
  expect_refused(move(dpo_, request, "fulfilled", "excessive"), base::ErrorCode::InvalidRequest, request, log_size());
  const auto refused = move(dpo_, request, "refused", "third_party_rights");
  ASSERT_TRUE(refused);
  const auto delivered = move(dpo_, refused->request, "delivered");
  ASSERT_TRUE(delivered);
  const auto reopened = move(person_, delivered->request, "reopened");
  ASSERT_TRUE(reopened);
  EXPECT_THAT(reopened->request.next, IsEmpty());
  EXPECT_TRUE(move(dpo_, reopened->request, "in_progress"));
}

TEST_F(RequestsTest, EachTransitionIsOneEntry) {
  const auto before = log_size();
  const auto request = begin("information", dpo_);
  const auto done = move(dpo_, request, "fulfilled");
  ASSERT_TRUE(done);
  EXPECT_EQ(events_from(before),
            (std::vector<std::string>{"request.opened", "request.changed", "request.changed", "request.changed"}));
}

TEST_F(RequestsTest, ARestrictionStopsEveryUse) {
  give_consent("ai.mission_matching");
  ASSERT_TRUE(evaluate().decision.permit);
  const auto before = log_size();
  const auto request = begin("restriction", person_);
  fulfil(request);
  EXPECT_EQ(events_from(before + 3), (std::vector<std::string>{"subject.restricted", "request.changed"}));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::Restricted);
  const auto hidden = GetSubject(services()).execute(dpo_, subject_, "check");
  ASSERT_TRUE(hidden);
  EXPECT_TRUE(hidden->restricted);
  EXPECT_THAT(hidden->attributes, IsEmpty());
  reopen();
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::Restricted);
}

TEST_F(RequestsTest, AnObjectionStopsItsPurposesOnly) {
  give_consent("ai.mission_matching");
  RequestScope scope;
  scope.purposes = {"ai.mission_matching", "volunteer.management"};
  const auto before = log_size();
  fulfil(begin("objection", person_, scope));
  EXPECT_EQ(events_from(before + 3),
            (std::vector<std::string>{"subject.objected", "subject.objected", "request.changed"}));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::Objected);
  EXPECT_EQ(services().subjects.find(subject_)->objections.size(), 2U);
  reopen();
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::Objected);
  // Again: what stands is not recorded twice.
  const auto again = log_size();
  fulfil(begin("objection", person_, scope));
  EXPECT_EQ(events_from(again + 3), (std::vector<std::string>{"request.changed"}));
}

TEST_F(RequestsTest, AnObjectionWithoutScopeCoversWhatTheLawAllows) {
  fulfil(begin("objection", person_));
  const auto state = services().subjects.find(subject_);
  std::size_t expected = 0;
  for (const auto& purpose : services().pack->purposes())
    expected += purpose.objection == policies::Objection::Grounds || purpose.objection == policies::Objection::Absolute;
  EXPECT_EQ(state->objections.size(), expected);
  EXPECT_GT(expected, 3U);
}

TEST_F(RequestsTest, AWithdrawalTakesTheNamedConsentsBack) {
  give_consent("ai.mission_matching");
  give_consent("newsletter.noncommercial");
  RequestScope scope;
  scope.purposes = {"ai.mission_matching", "ai.team_composition"};
  const auto before = log_size();
  fulfil(begin("withdrawal", person_, scope));
  EXPECT_EQ(events_from(before + 3), (std::vector<std::string>{"consent.withdrawn", "request.changed"}));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::ConsentWithdrawn);
  fulfil(begin("withdrawal", person_));
  const auto history = ListConsents(services()).execute(dpo_, subject_);
  ASSERT_TRUE(history);
  for (const auto& state : history->states) EXPECT_EQ(state.state, policies::ConsentState::Withdrawn) << state.purpose;
  EXPECT_EQ(history->events.back().method, "rights_request");

  scope.purposes = {"membership.admin"};
  NewRequest wrong;
  wrong.type = "withdrawal";
  wrong.subject = subject_;
  wrong.scope = scope;
  EXPECT_EQ(OpenRequest(services()).execute(dpo_, wrong).error().fields().at(0).pointer, "/scope/purposes/0");
}

TEST_F(RequestsTest, WithoutAnAccountARequestIsFollowedAndActsOnNobody) {
  NewRequest request;
  request.type = "access";
  request.channel = "email";
  const auto opened = OpenRequest(services()).execute(dpo_, request);
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->subject);
  const auto begun = move(dpo_, *opened, "in_progress");
  ASSERT_TRUE(begun);
  expect_refused(move(dpo_, begun->request, "fulfilled"), base::ErrorCode::Gone, begun->request, log_size());
  EXPECT_TRUE(move(dpo_, begun->request, "refused", "identity_not_established"));
}

TEST(RequestStatesTest, NamesGoBothWays) {
  for (unsigned i = 0; i <= static_cast<unsigned>(RequestState::Reopened); ++i)
    EXPECT_EQ(parse_request_state(name_of(static_cast<RequestState>(i))), static_cast<RequestState>(i));
  for (unsigned i = 0; i <= static_cast<unsigned>(RequestType::Information); ++i)
    EXPECT_EQ(parse_request_type(name_of(static_cast<RequestType>(i))), static_cast<RequestType>(i));
  EXPECT_FALSE(parse_request_state("done"));
  EXPECT_FALSE(parse_request_type(""));
}

TEST(RequestStatesTest, EveryStateIsReachedAndNoneIsTwice) {
  std::vector<RequestState> reached = {RequestState::Received};
  for (std::size_t i = 0; i < reached.size(); ++i)
    for (const auto& rule : kTransitions)
      if (rule.from == reached[i] && std::find(reached.begin(), reached.end(), rule.to) == reached.end())
        reached.push_back(rule.to);
  EXPECT_EQ(reached.size(), 13U);
  for (std::size_t i = 0; i < kTransitions.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(kTransitions[i].from == kTransitions[j].from && kTransitions[i].to == kTransitions[j].to);
}

// docs/formats/requests.md shows the table that the code has, no line more and no line less.
TEST(RequestStatesTest, TheDocumentedTableIsTheTable) {
  const auto who = [](unsigned bits) {
    std::string out;
    for (const auto& [bit, name] : {std::pair{kByDpo, "dpo"}, {kBySystem, "system"}, {kByPerson, "person"}})
      if ((bits & bit) != 0) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
  };
  const auto need = [](TransitionNeed n) -> std::string {
    switch (n) {
      case TransitionNeed::Nothing:
        return "";
      case TransitionNeed::DoubtReason:
        return "doubt_reason";
      case TransitionNeed::Extension:
        return "ground: complex or numerous; before due";
      case TransitionNeed::RefusalGround:
        return "ground";
    }
    return "?";
  };
  std::vector<std::string> expected;
  for (const auto& rule : kTransitions) {
    const std::string needed = need(rule.need);
    expected.push_back("| `" + std::string(name_of(rule.from)) + "` | `" + std::string(name_of(rule.to)) + "` | " +
                       who(rule.who) + " |" + (needed.empty() ? "" : " " + needed) + " |");
  }
  std::istringstream text(testing::read_file(std::string(EGIDE_SOURCE_DIR) + "/docs/formats/requests.md"));
  std::vector<std::string> shown;
  bool in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line == "| from | to | who | needs |") in_table = true;
    if (line.empty()) in_table = false;
    if (in_table && line.starts_with("| `")) shown.push_back(line);
  }
  EXPECT_EQ(shown, expected);
}

}  // namespace
}  // namespace egide::vault
