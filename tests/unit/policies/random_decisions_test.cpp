// Random facts: some must never permit, and two evaluators that were written apart must agree.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "asked.h"
#include "facts.h"
#include "pack_fixture.h"
#include "reference_decide.h"

namespace egide::policies::testing {
namespace {

class FactsMaker {
 public:
  explicit FactsMaker(std::uint64_t seed) : random_(seed) {}

  Facts make(const Pack& pack) {
    Facts out;
    const auto index = static_cast<PurposeIndex>(below(pack.purposes().size()));
    if (!rarely()) out.request.purpose = index;
    const Purpose& purpose = pack.at(index);
    out.tool.known = !rarely();
    out.tool.active = !rarely();
    out.tool.is_tool = !sometimes();
    out.tool.third_country_without_safeguard = rarely();
    constexpr std::array<const char*, 5> kClasses = {"", "", "charity_partner", "commercial_partner",
                                                     "public_authority_nominative"};
    out.recipient_class = kClasses[below(kClasses.size())];
    for (std::size_t n = below(4); n > 0; --n) {
      ToolGrant grant;
      grant.purpose = sometimes() ? static_cast<PurposeIndex>(below(pack.purposes().size())) : index;
      if (sometimes()) grant.categories = some_categories(purpose);
      out.grants.push_back(std::move(grant));
    }
    if (sometimes()) out.asked = some_categories(purpose);
    if (sometimes()) out.request.automation = static_cast<Automation>(below(5));
    if (sometimes()) out.request.effect = static_cast<Effect>(below(4));
    out.request.oldest_acceptable_notice = static_cast<int>(1 + below(3));
    out.now =
        base::Timestamp(std::chrono::milliseconds(1'790'000'000'000 + static_cast<std::int64_t>(below(1U << 30U))));

    SubjectFacts& s = out.subject;
    s.exists = !rarely();
    s.erased = rarely();
    s.restricted = rarely();
    s.retention_elapsed = rarely();
    s.objected = rarely();
    s.art9_condition_recorded = sometimes();
    if (!rarely()) {
      const auto day = std::chrono::floor<std::chrono::days>(out.now) - std::chrono::days(below(365 * 30));
      s.birth_date = base::Date(day);
    }
    s.consent = some_consent(out.now);
    s.guardian_consent = some_consent(out.now);
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool rarely() { return below(12) == 0; }
  bool sometimes() { return below(3) == 0; }

  std::vector<std::string> some_categories(const Purpose& purpose) {
    constexpr std::array<const char*, 8> kOthers = {"user.contact",
                                                    "user.contact.email",
                                                    "user.health_and_medical",
                                                    "user.demographic.religious_belief",
                                                    "user.criminal_history",
                                                    "user.demographic.gender",
                                                    "user.name.first",
                                                    "user"};
    std::vector<std::string> out;
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      std::string category =
          rarely() ? kOthers[below(kOthers.size())] : purpose.data_categories[below(purpose.data_categories.size())];
      if (rarely()) category += ".part";
      out.push_back(std::move(category));
    }
    return out;
  }

  ConsentFacts some_consent(base::Timestamp now) {
    ConsentFacts out;
    out.state = sometimes() ? static_cast<ConsentState>(below(11)) : ConsentState::Given;
    out.notice_version = static_cast<int>(below(5));
    if (!rarely()) out.valid_until = now + std::chrono::milliseconds(below(1000)) - std::chrono::milliseconds(300);
    if (sometimes()) out.refused_at = now - std::chrono::hours(below(24 * 365));
    return out;
  }

  std::mt19937_64 random_;
};

std::uint64_t fresh_seed() {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

constexpr int kRounds = 40000;

TEST(RandomDecisionsTest, NeverPermitWhatMustBeDenied) {
  const std::uint64_t seed = fresh_seed();
  FactsMaker maker(seed);
  int permits = 0;
  for (int i = 0; i < kRounds; ++i) {
    Facts facts = maker.make(case_pack());
    const Decision decision = facts.decide_on(case_pack());
    ASSERT_EQ(decision.permit, decision.reason == Reason::Permit) << "seed " << seed << " round " << i;
    if (!decision.permit) continue;
    ++permits;
    SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(i));
    ASSERT_TRUE(facts.tool.known && facts.tool.active);
    ASSERT_TRUE(facts.request.purpose);
    const Purpose& purpose = case_pack().at(*facts.request.purpose);
    ASSERT_TRUE(facts.subject.exists);
    ASSERT_FALSE(facts.subject.erased);
    ASSERT_FALSE(facts.subject.restricted && purpose.restriction_exception.empty());
    ASSERT_FALSE(facts.subject.retention_elapsed);
    ASSERT_FALSE(facts.subject.objected && purpose.objection != Objection::None);
    ASSERT_FALSE(facts.tool.third_country_without_safeguard);
    ASSERT_FALSE(decision.requestable);
    if (purpose.basis == LegalBasis::Consent) {
      ASSERT_TRUE(is_valid_for_processing(facts.subject.consent.state));
      ASSERT_FALSE(facts.subject.consent.valid_until && *facts.subject.consent.valid_until <= facts.now);
    }
    const auto permitted = permitted_categories(facts.request, facts.tool, case_pack());
    ASSERT_FALSE(permitted.empty());
    for (const std::string& category : permitted) {
      ASSERT_TRUE(any_covers(purpose.data_categories, category)) << category;
      ASSERT_FALSE(any_covers(purpose.forbidden_categories, category)) << category;
      ASSERT_TRUE(facts.asked.empty() || any_covers(facts.asked, category)) << category;
    }
    for (const std::string& asked : facts.asked) ASSERT_TRUE(any_covers(purpose.data_categories, asked)) << asked;
  }
  EXPECT_GT(permits, kRounds / 100) << "the facts are too unfavourable to say anything; seed " << seed;
}

TEST(RandomDecisionsTest, AgreeWithAnEvaluatorWrittenAnotherWay) {
  const std::uint64_t seed = fresh_seed();
  FactsMaker maker(seed);
  std::array<int, 18> seen{};
  for (int i = 0; i < kRounds; ++i) {
    Facts facts = maker.make(case_pack());
    const Decision got = facts.decide_on(case_pack());
    const Decision expected = reference_decide(facts, case_pack());
    ++seen[static_cast<std::size_t>(got.reason)];
    ASSERT_EQ(name_of(got.reason), name_of(expected.reason)) << "seed " << seed << " round " << i;
    ASSERT_EQ(got.requestable, expected.requestable) << "seed " << seed << " round " << i;
    ASSERT_EQ(got.permit, expected.permit) << "seed " << seed << " round " << i;
  }
  for (std::size_t reason = 0; reason < 16; ++reason)
    EXPECT_GT(seen[reason], 0) << name_of(static_cast<Reason>(reason)) << " never came; seed " << seed;
}

TEST(RandomDecisionsTest, WideningNothingTheCallerClaimsTurnsADenialIntoAPermit) {
  const std::uint64_t seed = fresh_seed();
  FactsMaker maker(seed);
  for (int i = 0; i < kRounds / 4; ++i) {
    Facts facts = maker.make(case_pack());
    const bool claimed = facts.decide_on(case_pack()).permit;
    facts.request.automation.reset();
    facts.request.effect.reset();
    const bool silent = facts.decide_on(case_pack()).permit;
    ASSERT_TRUE(silent || !claimed) << "seed " << seed << " round " << i;
  }
}

}  // namespace
}  // namespace egide::policies::testing
