// A dataset and the people in it: choices that change while it is made, states of a re-identification.
#include "egide/vault/datasets.h"

#include <algorithm>
#include <sstream>
#include <thread>

#include "dataset_log.h"
#include "dataset_people.h"
#include "dataset_plan.h"
#include "egide/testing/shared_data.h"
#include "reidentification_states.h"
#include "request_chain.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

constexpr const char* kMatching = "ai.mission_matching";

class DatasetsTest : public RequestsFixture {
 protected:
  void SetUp() override {
    RequestsFixture::SetUp();
    if (HasFatalFailure()) return;
    for (int i = 0; i < 12; ++i) people_.push_back(willing("person" + std::to_string(i)));
  }
  base::SubjectId willing(const std::string& name) {
    Attributes attributes;
    attributes["user.name"] = name;
    attributes["user.contact.email"] = name + "@example.org";
    attributes["user.demographic.language"] = "fr";
    const auto id = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
    EXPECT_TRUE(id);
    choose(*id, "given");
    return *id;
  }
  void choose(const base::SubjectId& id, const std::string& status) {
    NewConsent consent;
    consent.purpose = kMatching;
    consent.status = status;
    consent.channel = "paper";
    consent.evidence = "form 12";
    const auto recorded = RecordConsent(services()).execute(dpo_, id, consent);
    EXPECT_TRUE(recorded) << recorded.error().message();
  }
  DatasetAsked asked() const {
    DatasetAsked out;
    out.purpose = kMatching;
    out.tool = "matcher";
    return out;
  }
  std::vector<TakenPerson> taken() {
    std::vector<TakenPerson> out;
    const auto permitted = permitted_people(services(), plan_, clock_->now());
    EXPECT_TRUE(permitted);
    for (const auto& state : *permitted) out.push_back({state, true});
    return out;
  }
  base::Result<void> log_export_of(const std::vector<TakenPerson>& people) {
    storage::DatasetRow row;
    row.id = base::RecordId(crypto::time_uuid(clock_->now()));
    row.created_at = clock_->now();
    row.tool = base::ToolId("matcher");
    row.purpose = kMatching;
    row.report = "{}";
    row.detail = "{}";
    return log_export(services(), tool_, plan_, people, row);
  }

  // How often the person's log says that their data were taken while their newest choice was no.
  int taken_after_withdrawal(const base::SubjectId& id) {
    const auto head = durable_chain_head(services(), id);
    EXPECT_TRUE(head);
    const auto reads = services().reads->lease();
    const storage::LogStore log(**reads);
    std::vector<std::string> events;  // newest first
    EXPECT_TRUE(walk_chain(log, id, *head, [&](const storage::LogStore::Detail& detail) -> base::Result<void> {
      EGIDE_TRY(const auto leaf, log.leaf(detail.index));
      events.push_back(nlohmann::json::parse(leaf).at("ev").get<std::string>());
      return {};
    }));
    int found = 0, taken = 0;
    bool withdrawn = false;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (*event == "consent.withdrawn") withdrawn = true;
      if (*event == "consent.given") withdrawn = false;
      if (*event == "dataset.taken") ++taken;
      if (*event == "dataset.taken" && withdrawn) ++found;
    }
    EXPECT_GT(taken, 0);
    return found;
  }

  std::vector<base::SubjectId> people_;
  DatasetPlan plan_ = {};
};

TEST_F(DatasetsTest, NobodyIsReleasedWhoWithdrewWhileItWasMade) {
  plan_ = *plan_dataset(services(), dpo_, asked());
  const auto people = taken();
  ASSERT_EQ(people.size(), 12U);
  choose(people_[5], "withdrawn");
  const auto before = log_size();
  const base::RecordId id(crypto::random_uuid());
  EXPECT_EQ(log_taken_people(services(), tool_, plan_, id, people, {}).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(log_export_of(people).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(log_size(), before);
  // Made again, without them.
  const auto made = ExportDataset(services()).execute(dpo_, asked());
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(nlohmann::json::parse(made->report).at("people").at("permitted"), 11);
}

TEST_F(DatasetsTest, NobodyIsReleasedWhoWasErasedOrWhoseToolWasRevoked) {
  plan_ = *plan_dataset(services(), dpo_, asked());
  const auto people = taken();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, people_[2]));
  EXPECT_EQ(log_export_of(people).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(read_people(services(), plan_, {people[0].state, services().subjects.find(people_[2])}, clock_->now())
                .has_value(),
            false);
  const auto rest = taken();
  ASSERT_EQ(rest.size(), 11U);
  ASSERT_TRUE(Accounts(services()).revoke_tool(dpo_, "matcher"));
  EXPECT_EQ(log_export_of(rest).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(ExportDataset(services()).execute(dpo_, asked()).error().code(), base::ErrorCode::Forbidden);
}

TEST_F(DatasetsTest, StaysWholeWhilePeopleChangeTheirMinds) {
  std::thread changing([this] {
    for (int round = 0; round < 10; ++round)
      for (std::size_t i = 0; i < 6; ++i) choose(people_[i], round % 2 == 0 ? "withdrawn" : "given");
  });
  for (int round = 0; round < 20; ++round) {
    const auto result = ExportDataset(services()).execute(dpo_, asked());
    if (!result) {
      EXPECT_EQ(result.error().code(), base::ErrorCode::Conflict);
      continue;
    }
    const auto released = nlohmann::json::parse(result->report).at("people").at("released").get<int>();
    EXPECT_GE(released, 6);
    EXPECT_LE(released, 12);
  }
  changing.join();  // it ends with everybody's yes
  const auto last = ExportDataset(services()).execute(dpo_, asked());
  ASSERT_TRUE(last);
  EXPECT_EQ(nlohmann::json::parse(last->report).at("people").at("released"), 12);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(taken_after_withdrawal(people_[i]), 0);
}

TEST_F(DatasetsTest, LogsMorePeopleThanOneTransactionTakes) {
  for (std::size_t i = people_.size(); i <= kPeopleAChange; ++i) people_.push_back(willing("more" + std::to_string(i)));
  const auto before = log_size();
  const auto made = ExportDataset(services()).execute(tool_, asked());
  ASSERT_TRUE(made) << made.error().message();
  const auto events = events_from(before);
  EXPECT_EQ(events.size(), people_.size() + 1);
  EXPECT_EQ(events.back(), "dataset.exported");
  EXPECT_EQ(std::count(made->file.begin(), made->file.end(), '\n'), static_cast<std::ptrdiff_t>(people_.size()) + 1);
}

TEST_F(DatasetsTest, OnlyOfficersAndToolsExport) {
  for (const Caller& caller : {coordinator_, auditor_, person_})
    EXPECT_EQ(ExportDataset(services()).execute(caller, asked()).error().code(), base::ErrorCode::Forbidden);
  EXPECT_TRUE(ExportDataset(services()).execute(tool_, asked()));
}

TEST_F(DatasetsTest, ASecondExportHasOtherPseudonymsAndTheSameReport) {
  const auto first = ExportDataset(services()).execute(tool_, asked());
  const auto second = ExportDataset(services()).execute(tool_, asked());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->file, second->file);
  auto a = nlohmann::json::parse(first->report), b = nlohmann::json::parse(second->report);
  for (auto* report : {&a, &b})
    for (const char* member : {"id", "file", "created_at"}) report->erase(member);
  EXPECT_EQ(a, b);
  for (const auto& id : people_) {
    const auto known = services().pseudonyms->pseudonym(kMatching, "matcher", id);
    ASSERT_TRUE(known);
    EXPECT_EQ(first->file.find(known->substr(2)), std::string::npos);
  }
}

TEST(ReidentificationStatesTest, TheTableAllowsThreeMovesOnly) {
  using S = ReidentificationState;
  int allowed = 0;
  for (const S from : {S::Pending, S::Approved, S::Lapsed, S::Ended})
    for (const S to : {S::Pending, S::Approved, S::Lapsed, S::Ended})
      for (const auto by : {ReidentificationBy::AnotherPerson, ReidentificationBy::Time})
        if (may_become(from, to, by)) ++allowed;
  EXPECT_EQ(allowed, 3);
  EXPECT_TRUE(may_become(S::Pending, S::Approved, ReidentificationBy::AnotherPerson));
  EXPECT_FALSE(may_become(S::Lapsed, S::Approved, ReidentificationBy::AnotherPerson));
  EXPECT_FALSE(may_become(S::Pending, S::Approved, ReidentificationBy::Time));
}

// docs/reidentification.md shows the table that the code has, no line more and no line less.
TEST(ReidentificationStatesTest, TheDocumentedTableIsTheTable) {
  std::vector<std::string> expected;
  for (const auto& rule : kReidentificationRules)
    expected.push_back("| " + std::string(name_of(rule.from)) + " | " + std::string(name_of(rule.to)) + " | " +
                       (rule.by == ReidentificationBy::Time ? "time" : "another person"));
  std::istringstream text(testing::read_file(std::string(EGIDE_SOURCE_DIR) + "/docs/reidentification.md"));
  std::vector<std::string> shown;
  bool in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.empty()) in_table = false;
    if (in_table && !line.starts_with("|-")) shown.push_back(line);
    if (line == "| from | to | by |") in_table = true;
  }
  ASSERT_EQ(shown.size(), expected.size());
  for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_TRUE(shown[i].starts_with(expected[i])) << shown[i];
}

TEST(ReidentificationStatesTest, GivesNothingAwayForARowThatIsNotWhole) {
  const base::Timestamp now{std::chrono::milliseconds(1000)};
  storage::ReidentificationRow row;
  row.state = "pending";
  row.approve_until = now;
  EXPECT_EQ(state_at(row, now), ReidentificationState::Lapsed);
  EXPECT_EQ(state_at(row, now - std::chrono::milliseconds(1)), ReidentificationState::Pending);
  row.state = "approved";
  EXPECT_EQ(state_at(row, now), ReidentificationState::Ended);  // by whom, and until when?
  row.read_until = now + std::chrono::hours(1);
  EXPECT_EQ(state_at(row, now), ReidentificationState::Ended);
  row.approver = base::UserId(crypto::random_uuid());
  EXPECT_EQ(state_at(row, now), ReidentificationState::Approved);
  row.state = "anything else";
  EXPECT_EQ(state_at(row, now), ReidentificationState::Ended);
}

}  // namespace
}  // namespace egide::vault
