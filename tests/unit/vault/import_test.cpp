#include "egide/vault/import_people.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/testing/shared_data.h"
#include "egide/vault/accounts.h"
#include "egide/vault/consents.h"
#include "egide/vault/evaluate_access.h"
#include "egide/vault/maintenance.h"
#include "egide/vault/subject_record.h"
#include "egide/vault/subjects.h"
#include "vault_fixture.h"

namespace egide::vault {
namespace {

constexpr const char* kHeader =
    "Identifiant;Nom;Prénom;Email;Téléphone;Date de naissance;Genre;Adresse;Code "
    "postal;Ville;Compétences;Disponibilités;"
    "Date d'inscription;Dernier contact;Consentement newsletter;Consentement matching IA;Responsable légal "
    "email;Notes\r\n";

class ImportTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    map_ = *parse_import_map(testing::read_file(std::string(EGIDE_SOURCE_DIR) + "/packaging/import/benevoles.json"));
  }
  Caller caller() { return Accounts::operator_of_the_machine(services()); }
  ImportReport import(const std::string& file, bool dry_run = false) {
    auto report = ImportPeople(services()).execute(caller(), file, map_, dry_run);
    EXPECT_TRUE(report) << report.error().message();
    return report ? std::move(*report) : ImportReport();
  }
  base::SubjectId find(const std::string& reference) {
    const auto id = LookupSubject(services()).by_reference(caller(), reference);
    EXPECT_TRUE(id && *id) << reference;
    return id && *id ? **id : base::SubjectId();
  }
  nlohmann::json value(const std::string& reference, const std::string& category) {
    const auto record = GetSubject(services()).execute(caller(), find(reference), "test");
    EXPECT_TRUE(record);
    for (const auto& attribute : record->attributes)
      if (attribute.category == category) return attribute.value;
    return nullptr;
  }
  policies::ConsentState consent(const std::string& reference, const std::string& purpose) {
    const auto history = ListConsents(services()).execute(caller(), find(reference));
    EXPECT_TRUE(history);
    for (const auto& state : history->states)
      if (state.purpose == purpose) return state.state;
    return policies::ConsentState::None;
  }
  static std::string row(const std::string& id, const std::string& email, const std::string& newsletter,
                         const std::string& matching, const std::string& phone = "0639980001") {
    return id + ";Martin;Zoé;" + email + ";" + phone + ";29/02/1980;Femme;1 rue Haute;69003;Lyon;cuisine, permis B;" +
           "lundi soir;01/02/2020;01/08/2026;" + newsletter + ";" + matching + ";;\r\n";
  }
  static const RowReport& at_line(const ImportReport& report, int line) {
    const auto found =
        std::find_if(report.rows.begin(), report.rows.end(), [line](const auto& r) { return r.line == line; });
    EXPECT_NE(found, report.rows.end()) << "line " << line;
    return *found;
  }

  ImportMap map_;
};

TEST_F(ImportTest, TakesPeopleAndConsentsWithTheirEvidence) {
  const auto report = import(kHeader + row("BEN-1", "zoe@example.org", "Non", "Oui"));
  EXPECT_EQ(report.accepted, 1U);
  EXPECT_EQ(value("BEN-1", "user.demographic.date_of_birth"), "1980-02-29");
  EXPECT_EQ(value("BEN-1", "user.demographic.profile.skills"), (nlohmann::json{"cuisine", "permis B"}));
  EXPECT_EQ(consent("BEN-1", "ai.mission_matching"), policies::ConsentState::Given);
  EXPECT_EQ(consent("BEN-1", "newsletter.noncommercial"), policies::ConsentState::Refused);
  const auto history = ListConsents(services()).execute(caller(), find("BEN-1"));
  ASSERT_TRUE(history);
  EXPECT_EQ(history->events.at(0).channel, "import");
  EXPECT_EQ(history->events.at(0).evidence, "sha256:" + report.file_sha256 + " line 2");
}

TEST_F(ImportTest, AnEmptyAnswerIsNoConsent) {
  import(kHeader + row("BEN-1", "zoe@example.org", "", ""));
  EXPECT_EQ(consent("BEN-1", "ai.mission_matching"), policies::ConsentState::None);
}

TEST_F(ImportTest, TheSameFileTwiceChangesNothing) {
  const std::string file = kHeader + row("BEN-1", "zoe@example.org", "Oui", "Oui") +
                           row("BEN-2", "Zoe@EXAMPLE.org", "Oui", "Non", "0639980002") +
                           row("BEN-3", "max@example.org", "", "Oui");
  import(file);
  const auto size = vault_->info().log_size;
  const auto again = import(file);
  EXPECT_EQ(again.unchanged, 2U);
  EXPECT_EQ(again.merged, 1U);
  EXPECT_EQ(again.accepted + again.updated, 0U);
  EXPECT_EQ(vault_->info().log_size, size);
}

TEST_F(ImportTest, ADryRunReportsTheSameAndWritesNothing) {
  const std::string file = kHeader + row("BEN-1", "zoe@example.org", "Oui", "Oui") + "BEN-2;kaputt\r\n";
  const auto size = vault_->info().log_size;
  const auto dry = import(file, true);
  EXPECT_EQ(vault_->info().log_size, size);
  EXPECT_EQ(vault_->info().people, 0);
  const auto real = import(file);
  ASSERT_EQ(dry.rows.size(), real.rows.size());
  for (std::size_t i = 0; i < dry.rows.size(); ++i) {
    EXPECT_EQ(dry.rows[i].result, real.rows[i].result);
    EXPECT_EQ(dry.rows[i].reasons, real.rows[i].reasons);
  }
  EXPECT_EQ(vault_->info().people, 1);
}

TEST_F(ImportTest, MergesRowsOfOnePersonAndKeepsBothNumbers) {
  const auto report = import(kHeader + row("BEN-1", "zoe@example.org", "Oui", "Oui") +
                             row("BEN-9", "ZOE@example.org", "Oui", "Non", "0639980009"));
  EXPECT_EQ(at_line(report, 3).result, RowResult::Merged);
  EXPECT_EQ(find("BEN-1"), find("BEN-9"));
  EXPECT_EQ(value("BEN-1", "user.contact.phone_number"), "0639980001");
  // Two answers that contradict each other are no unambiguous consent.
  EXPECT_EQ(consent("BEN-1", "ai.mission_matching"), policies::ConsentState::Refused);
}

TEST_F(ImportTest, RefusesARowThatBelongsToTwoPeople) {
  const auto report = import(kHeader + row("BEN-1", "zoe@example.org", "", "Oui") +
                             row("BEN-2", "max@example.org", "", "Oui") + row("BEN-1", "max@example.org", "", "Oui"));
  EXPECT_EQ(at_line(report, 4).result, RowResult::Refused);
  EXPECT_EQ(vault_->info().people, 2);
}

TEST_F(ImportTest, NeverBringsBackAWithdrawnConsent) {
  const std::string file = kHeader + row("BEN-1", "zoe@example.org", "", "Oui");
  import(file);
  NewConsent withdrawal;
  withdrawal.purpose = "ai.mission_matching";
  withdrawal.status = "withdrawn";
  withdrawal.channel = "portal";
  ASSERT_TRUE(RecordConsent(services()).execute(caller(), find("BEN-1"), withdrawal));
  import(file);
  EXPECT_EQ(consent("BEN-1", "ai.mission_matching"), policies::ConsentState::Withdrawn);
}

TEST_F(ImportTest, ANoInANewerFileWithdraws) {
  import(kHeader + row("BEN-1", "zoe@example.org", "", "Oui"));
  const auto report = import(kHeader + row("BEN-1", "zoe@example.org", "", "Non"));
  EXPECT_EQ(report.consents_withdrawn, 1U);
  EXPECT_EQ(consent("BEN-1", "ai.mission_matching"), policies::ConsentState::Withdrawn);
}

TEST_F(ImportTest, KeepsWhatWasCorrectedInTheVault) {
  import(kHeader + row("BEN-1", "zoe@example.org", "", "Oui"));
  Attributes correction;
  correction["user.contact.phone_number"] = "0639985555";
  ASSERT_TRUE(UpdateSubject(services()).execute(caller(), find("BEN-1"), 1, correction, "person"));
  const auto report = import(kHeader + row("BEN-1", "zoe@example.org", "", "Oui", "0639980007"));
  EXPECT_EQ(value("BEN-1", "user.contact.phone_number"), "0639985555");
  EXPECT_EQ(at_line(report, 2).reasons.size(), 1U);
}

TEST_F(ImportTest, RefusesAFileWhoseColumnsDiffer) {
  const auto size = vault_->info().log_size;
  const auto report = ImportPeople(services()).execute(caller(), "Nom;Prénom;Surprise\nA;B;C\n", map_, false);
  ASSERT_FALSE(report);
  EXPECT_GT(report.error().fields().size(), 1U);
  EXPECT_EQ(vault_->info().log_size, size);
}

TEST_F(ImportTest, ReportsNoValue) {
  const auto report =
      import(kHeader + row("BEN-1", "not an address", "", "Oui") + row("BEN-2", "b@example.org", "Peut-être", "Oui") +
             row("BEN-3", "c@example.org", "", "Oui", "call me"));
  EXPECT_EQ(report.refused, 3U);
  for (const auto& one : report.rows)
    for (const auto& reason : one.reasons)
      for (const char* value : {"not an address", "Peut-être", "call me"})
        EXPECT_EQ(reason.find(value), std::string::npos);
}

// The real export: what it holds was counted by hand (twelve duplicates by address, eight rows of five kinds of
// damage).
TEST_F(ImportTest, TakesTheVolunteersOfAnAssociation) {
  EGIDE_SHARED_OR_SKIP(path, "data/benevoles.csv");
  const std::string file = testing::read_file(path);
  const auto report = import(file);
  EXPECT_EQ(report.rows.size(), 600U);
  EXPECT_EQ(report.refused, 8U);
  EXPECT_EQ(report.merged, 12U);
  EXPECT_EQ(report.accepted, 580U);
  for (const auto& one : report.rows) {
    const bool explained = one.result == RowResult::Refused || one.result == RowResult::Merged;
    EXPECT_EQ(explained, !one.reasons.empty()) << "line " << one.line;
  }
  EXPECT_EQ(value("BEN-00012", "user.contact.address.postal_code"), "01500");
  EXPECT_EQ(find("BEN-00001"), find("BEN-00570"));

  reopen();  // what was committed is there after a restart
  EXPECT_EQ(vault_->info().people, 580);
  const auto again = import(file);
  EXPECT_EQ(again.unchanged, 580U);
  EXPECT_EQ(again.accepted + again.updated, 0U);
}

TEST(ImportMapTest, PlacesEveryMistake) {
  const auto map = parse_import_map(R"({
  "format": "egide.import-map/1",
  "email_column": "Email",
  "columns": [
    {"column": "Email", "category": "not a key"},
    {"column": "A"},
    {"column": "B", "consent": "x", "yes": [""], "no": []},
    {"column": "C", "ignore": "why", "surprise": 1}
  ]
})");
  ASSERT_FALSE(map);
  const auto& mistakes = map.error().fields();
  const auto has = [&](const char* pointer, int line) {
    return std::any_of(mistakes.begin(), mistakes.end(),
                       [&](const auto& m) { return m.pointer == pointer && m.line == line; });
  };
  EXPECT_TRUE(has("/columns/0/category", 5));
  EXPECT_TRUE(has("/columns/1/column", 6));
  EXPECT_TRUE(has("/columns/2/yes", 7));
  EXPECT_TRUE(has("/columns/3/surprise", 8));
}

}  // namespace
}  // namespace egide::vault
