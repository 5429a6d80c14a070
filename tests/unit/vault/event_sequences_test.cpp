// Random histories of people, consents, rights and tools: whatever came before, nothing is permitted for an erased or
// restricted person, after a withdrawal or an objection, for a purpose not granted to the tool, or for a category
// outside the purpose. The model below is kept apart from the vault's: it only remembers what must deny.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "requests_fixture.h"

namespace egide::vault {
namespace {

const std::vector<std::string> kPurposes = {"ai.mission_matching", "ai.welcome_chatbot", "ai.audience_segmentation",
                                            "newsletter.noncommercial", "volunteer.management"};

struct Person {
  base::SubjectId id;
  bool erased = false, restricted = false;
  std::map<std::string, bool> agreed;  // the last word on a purpose
  std::set<std::string> objected;
};

struct Tool {
  Caller caller;
  std::string id;
  std::set<std::string> granted;
  bool active = true;
};

class EventSequencesTest : public RequestsFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    RequestsFixture::SetUp();
    random_.seed(GetParam());
    for (int i = 0; i < 3; ++i) new_person();
    for (int i = 0; i < 3; ++i) new_tool();
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  template <typename T>
  auto& one_of(T& all) {
    return all[below(all.size())];
  }

  void new_person() {
    const auto number = std::to_string(people_.size());
    people_.push_back({register_person("Nom " + number, "p" + number + "@example.org"), {}, {}, {}, {}});
  }
  void new_tool() {
    Tool tool;
    tool.id = "tool-" + std::to_string(tools_.size());
    NewTool made;
    made.id = tool.id;
    for (const auto& purpose : kPurposes)
      if (below(2) == 0) made.purposes.push_back(purpose);
    if (made.purposes.empty()) made.purposes.push_back(kPurposes[0]);
    tool.granted.insert(made.purposes.begin(), made.purposes.end());
    const auto token = Accounts(services()).add_tool(dpo_, made);
    ASSERT_TRUE(token) << token.error().message();
    tool.caller = *Accounts(services()).authenticate(*token);
    tools_.push_back(std::move(tool));
  }
  void say(Person& person, const std::string& purpose, bool yes) {
    NewConsent consent;
    consent.purpose = purpose;
    consent.status = yes ? "given" : below(2) == 0 ? "withdrawn" : "refused";
    consent.channel = "paper";
    consent.evidence = "form";
    if (RecordConsent(services()).execute(dpo_, person.id, consent)) person.agreed[purpose] = yes;
  }
  // Opened and carried out by the officer; what is refused on the way changed nothing.
  bool exercise(const Person& person, const std::string& type, RequestScope scope = {}) {
    NewRequest request;
    request.type = type;
    request.subject = person.id;
    request.scope = std::move(scope);
    auto view = OpenRequest(services()).execute(dpo_, request);
    if (!view) return false;
    for (const char* to : {"in_progress", "fulfilled"}) {
      const auto moved = move(dpo_, *view, to);
      if (!moved) return false;
      view = moved->request;
    }
    return true;
  }
  void happen() {
    Person& person = one_of(people_);
    const auto& purpose = one_of(kPurposes);
    switch (below(16)) {
      case 0:
        if (exercise(person, "erasure")) person.erased = true;
        return new_person();
      case 1:
        if (exercise(person, "restriction")) person.restricted = true;
        return new_person();
      case 2: {
        RequestScope scope;
        scope.purposes = {purpose};
        if (exercise(person, "objection", scope)) person.objected.insert(purpose);
        return;
      }
      case 3: {
        Tool& tool = one_of(tools_);
        if (Accounts(services()).revoke_tool(dpo_, tool.id)) tool.active = false;
        return new_tool();
      }
      case 4:
        clock_->advance(std::chrono::hours(24 * static_cast<int>(below(40))));
        return;
      case 5:
        return below(4) == 0 ? reopen() : void();
      case 6:
      case 7:
      case 8:
        return say(person, purpose, false);
      default:
        return say(person, purpose, true);
    }
  }
  static std::string why_not(const Tool& tool, const Person& person, const std::string& purpose, bool on_consent) {
    if (!tool.active) return "the tool is revoked";
    if (!tool.granted.contains(purpose)) return "the purpose is not granted";
    if (person.erased) return "the person is erased";
    if (person.restricted) return "the person is restricted";
    if (person.objected.contains(purpose)) return "the person objected";
    const auto said = person.agreed.find(purpose);
    if (on_consent && (said == person.agreed.end() || !said->second)) return "the person did not agree";
    return {};
  }
  // Everybody, for every purpose, by every tool: with all the purpose allows, and with a category outside of it.
  void ask_everything() {
    for (const auto& tool : tools_)
      for (const auto& purpose : kPurposes) {
        std::vector<AccessQuestion> questions;
        for (const auto& person : people_)
          for (const bool outside : {false, true}) {
            AccessQuestion question;
            question.tool = tool.id;
            question.person = person.id.str();
            question.purpose = purpose;
            if (outside) question.categories = {"user.financial"};  // in none of these purposes
            questions.push_back(std::move(question));
          }
        const auto answers = EvaluateAccess(services()).execute_many(tool.caller, questions);
        ASSERT_TRUE(answers) << answers.error().message();
        for (std::size_t i = 0; i < people_.size(); ++i) {
          check(tool, people_[i], purpose, answers->at(2 * i));
          EXPECT_FALSE(answers->at(2 * i + 1).decision.permit) << purpose;
        }
      }
  }
  void check(const Tool& tool, const Person& person, const std::string& purpose, const AccessAnswer& answer) {
    if (!answer.decision.permit) return;
    ++permits_;
    const auto& rules = *services().pack->find(purpose);
    EXPECT_EQ(why_not(tool, person, purpose, rules.basis == policies::LegalBasis::Consent), "")
        << tool.id << ' ' << purpose;
    for (const auto& category : answer.terms->categories)
      EXPECT_TRUE(std::any_of(rules.data_categories.begin(), rules.data_categories.end(),
                              [&](const auto& whole) { return policies::category_covers(whole, category); }))
          << purpose << ' ' << category;
  }

  std::mt19937 random_;
  std::vector<Person> people_;
  std::vector<Tool> tools_;
  int permits_ = 0;
};

TEST_P(EventSequencesTest, NeverPermitWhatMustBeDenied) {
  for (int step = 0; step < 60 && !HasFailure(); ++step) {
    happen();
    if (step % 4 == 3) ask_everything();
  }
  EXPECT_GT(permits_, 20) << "the histories of this seed show nothing";
}

INSTANTIATE_TEST_SUITE_P(Seeds, EventSequencesTest, ::testing::Range(1U, 13U));

}  // namespace
}  // namespace egide::vault
