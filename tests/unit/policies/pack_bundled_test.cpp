// The pack inside the binary, against the file it is made from and against the reference data where they are.
#include <gtest/gtest.h>

#include <algorithm>

#include "egide/testing/shared_data.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

TEST(BundledPackTest, LoadsWhole) {
  const auto loaded = load_pack(bundled_pack_files(), &toy_hash);
  ASSERT_TRUE(loaded) << loaded.error().fields().at(0).pointer << " " << loaded.error().fields().at(0).detail;
  EXPECT_EQ((*loaded)->purposes().size(), 43U);
  EXPECT_EQ((*loaded)->jurisdiction(), "FR");
}

TEST(BundledPackTest, IsTheFileInTheRepositoryByteForByte) {
  ASSERT_EQ(bundled_pack_files().size(), 1U);
  EXPECT_EQ(bundled_pack_files()[0].text,
            egide::testing::read_file(EGIDE_SOURCE_DIR "/policies/packs/fr-association/pack.json"));
}

// Every member of `reference` stands in `ours` with the same value; ours may say more.
void expect_contains(const json& ours, const json& reference, const std::string& at) {
  if (reference.is_object() && ours.is_object()) {
    for (const auto& item : reference.items()) {
      if (item.key() == "$comment") continue;
      ASSERT_TRUE(ours.contains(item.key())) << at << "/" << item.key();
      expect_contains(ours[item.key()], item.value(), at + "/" + item.key());
    }
  } else if (at == "/special_category_keys") {
    for (const json& key : reference) EXPECT_NE(std::find(ours.begin(), ours.end(), key), ours.end()) << key;
  } else if (reference.is_array() && ours.is_array()) {
    ASSERT_EQ(ours.size(), reference.size()) << at;
    for (std::size_t i = 0; i < reference.size(); ++i)
      expect_contains(ours[i], reference[i], at + "/" + std::to_string(i));
  } else {
    EXPECT_EQ(ours, reference) << at;
  }
}

TEST(BundledPackTest, HoldsEveryPurposeAndNumberOfTheReferenceData) {
  EGIDE_SHARED_OR_SKIP(path, "data/fr-association-purposes.json");
  const json reference = json::parse(egide::testing::read_file(path));
  ASSERT_EQ(reference.at("purposes").size(), 43U);
  expect_contains(bundled_document(), reference, "");
}

TEST(BundledPackTest, LoadsTheReferenceDataItselfAsAPack) {
  EGIDE_SHARED_OR_SKIP(path, "data/fr-association-purposes.json");
  const auto loaded = load_text(egide::testing::read_file(path));
  ASSERT_TRUE(loaded) << loaded.error().fields().at(0).pointer << " " << loaded.error().fields().at(0).detail;
  EXPECT_TRUE((*loaded)->age_bands().empty());
  EXPECT_EQ((*loaded)->age_of_majority(), 15);
}

TEST(BundledPackTest, ReadsAPurposeIntoItsMembers) {
  const Purpose& p = *bundled_pack().find("ai.text_need_detection");
  EXPECT_TRUE(p.is_ai);
  EXPECT_EQ(p.basis, LegalBasis::Consent);
  EXPECT_EQ(p.special_category_basis, "eu-gdpr:A9-2-a");
  ASSERT_TRUE(p.consent);
  EXPECT_TRUE(p.consent->explicit_consent);
  EXPECT_EQ(p.consent->validity, base::parse_duration("P1Y"));
  EXPECT_EQ(p.automation, Automation::HumanDecidesWithScore);
  EXPECT_EQ(p.effect, Effect::SimilarlySignificant);
  EXPECT_EQ(p.polarity, "benefit");
  EXPECT_EQ(p.oversight_level, "human_decides");
  EXPECT_EQ(p.review_coverage_min, 1.0);
  EXPECT_EQ(p.objection, Objection::Withdraw);
  ASSERT_EQ(p.transforms.size(), 3U);
  EXPECT_EQ(p.transforms[2].apply, TransformKind::RedactFreeText);
  EXPECT_EQ(p.retention.active, "consent");
  EXPECT_EQ(p.retention.outputs, base::parse_duration("P1Y"));
  EXPECT_FALSE(p.may_hold_special);
  EXPECT_TRUE(bundled_pack().find("health.sport_certificate")->may_hold_special);
  EXPECT_EQ(bundled_pack().find("ai.audience_segmentation")->minors, MinorsRule::NotAllowed);
  EXPECT_EQ(bundled_pack().find("membership.evidence_archive")->restriction_exception, "legal_claims");
  const Retention& logs = bundled_pack().find("security.logs")->retention;
  EXPECT_EQ(logs.min, base::parse_duration("P6M"));
  EXPECT_EQ(logs.max, base::parse_duration("P1Y"));
  EXPECT_EQ(logs.max_with_justification, base::parse_duration("P3Y"));
  const Retention& receipts = bundled_pack().find("donation.tax_receipt")->retention;
  EXPECT_EQ(receipts.archive, base::parse_duration("P6Y"));
  EXPECT_TRUE(receipts.restricted_archive);
  EXPECT_EQ(bundled_pack().find("donation.management")->retention.active_duration, base::parse_duration("P3Y"));
}

TEST(BundledPackTest, WritesTheFirstNoticeFromLabelAndDescription) {
  for (const Purpose& purpose : bundled_pack().purposes()) {
    EXPECT_EQ(purpose.notice.version, 1);
    for (const char* language : {"fr", "en"}) {
      const std::string& text = purpose.notice.text.in(language);
      EXPECT_NE(text.find(purpose.label.in(language)), std::string::npos) << purpose.id.str();
      EXPECT_NE(text.find(purpose.description.in(language)), std::string::npos) << purpose.id.str();
    }
  }
}

TEST(BundledPackTest, GivesItsNumbers) {
  const Pack& pack = bundled_pack();
  EXPECT_EQ(pack.minor_consent_age(), 15);
  EXPECT_EQ(pack.age_of_majority(), 18);
  EXPECT_TRUE(pack.unknown_age_is_adult());
  EXPECT_EQ(pack.k_display(), 5);
  EXPECT_EQ(pack.age_bands(), (std::vector<int>{18, 30, 45, 60}));
  EXPECT_EQ(pack.duration("login_code").time, std::chrono::minutes(15));
  EXPECT_EQ(pack.integer("request_roll_to_working_day"), 1);
  EXPECT_EQ(pack.integer("request_pause_while_identifying"), 0);
  EXPECT_EQ(pack.integer("guardian_signatures_required"), 1);
  EXPECT_FALSE(pack.integer("no_such_number"));
  EXPECT_EQ(pack.find_duration("reask_after_withdrawal"), nullptr);
  ASSERT_NE(pack.list("webhook_retry_delays_s"), nullptr);
  EXPECT_EQ(pack.list("webhook_retry_delays_s")->back(), 86400);
  EXPECT_EQ(pack.list("no_such_list"), nullptr);
}

TEST(BundledPackTest, FindsPurposesByIdAndPosition) {
  const Pack& pack = bundled_pack();
  for (std::size_t i = 0; i < pack.purposes().size(); ++i)
    EXPECT_EQ(pack.index_of(pack.purposes()[i].id.str()), static_cast<PurposeIndex>(i));
  EXPECT_FALSE(pack.index_of("membership"));
  EXPECT_EQ(pack.find(""), nullptr);
}

TEST(BundledPackTest, FallsBackFromOneLanguageToAnother) {
  Text text;
  EXPECT_EQ(text.in("fr"), "");
  text.by_language["en"] = "hello";
  EXPECT_EQ(text.in("br"), "hello");
  text.by_language["fr"] = "bonjour";
  EXPECT_EQ(text.in("br"), "bonjour");
  EXPECT_EQ(text.in("en"), "hello");
}

TEST(BundledPackTest, HasARevisionThatChangesWithItsContentAndNotWithItsLayout) {
  json document = small_document();
  const auto loose = load_text(document.dump(4)).value();
  EXPECT_EQ(load_text(document.dump())->get()->revision(), loose->revision());
  document["parameters"]["k_display"]["value"] = 6;
  EXPECT_NE(load(document).value()->revision(), loose->revision());
  EXPECT_EQ(loose->revision_text().substr(0, 7), "sha256:");
  EXPECT_EQ(loose->revision_text().size(), 7U + 32U);
}

TEST(BundledPackTest, AnswersNoForARightItDoesNotKnow) {
  EXPECT_EQ(bundled_pack().right(LegalBasis::Consent, "oblivion"), "no");
}

}  // namespace
}  // namespace egide::policies::testing
