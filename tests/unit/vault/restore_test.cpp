// Backup and sealed restore: erased stays erased, withdrawn stays withdrawn, and the log goes on as if nothing had been
// lost, or the restore is refused.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "egide/audit/log_verifier.h"
#include "egide/audit/merkle.h"
#include "egide/base/time.h"
#include "egide/storage/files.h"
#include "egide/vault/backup.h"
#include "egide/vault/epochs.h"
#include "egide/vault/maintenance.h"
#include "requests_fixture.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using std::chrono::hours;

class RestoreTest : public RequestsFixture {
 protected:
  void SetUp() override {
    RequestsFixture::SetUp();
    if (HasFatalFailure()) return;
    serve();
  }
  void TearDown() override { keeper_.reset(); }

  // As the server does: turns, mirror and tail.
  void serve() {
    EpochOptions options;
    options.mirror = mirror_;
    auto keeper = EpochKeeper::start(*vault_, options);
    ASSERT_TRUE(keeper) << keeper.error().message();
    keeper_ = std::move(*keeper);
  }
  std::string back_up(const std::string& name = "backup") {
    const std::string out = dir_.file(name);
    const auto made = make_backup(dir_.file("vault"), secret(), out, clock_->now());
    EXPECT_TRUE(made) << made.error().message();
    return out;
  }
  std::string checkpoint() { return *services().committer->checkpoint(); }
  // The machine burns: nothing is left but the mirror, the backup and what outsiders hold.
  void destroy_vault() {
    keeper_.reset();
    vault_.reset();
    fs::remove_all(dir_.file("vault"));
  }
  RestoreOptions options(const std::string& backup) {
    RestoreOptions out;
    out.in = backup;
    out.directory = dir_.file("vault");
    out.log_tail = mirror_;
    out.epoch_keys = in_vault(mirror_, kEpochKeysFile);
    out.secret = secret();
    out.clock = clock_;
    return out;
  }
  RestoreReport restore(const RestoreOptions& given) {
    const auto restored = restore_backup(given);
    EXPECT_TRUE(restored) << restored.error().message();
    return restored ? *restored : RestoreReport{};
  }
  ErrorCode refusal(const RestoreOptions& given) {
    const auto restored = restore_backup(given);
    EXPECT_FALSE(restored);
    EXPECT_FALSE(fs::exists(dir_.file("vault") + "/vault.db")) << "a refused restore left a database";
    EXPECT_FALSE(fs::exists(dir_.file("vault") + "/restoring")) << "a refused restore left its copy";
    return restored ? ErrorCode::NotFound : restored.error().code();
  }
  // The restored log holds the older one as its beginning.
  void expect_continues(const std::string& older) {
    const auto verified = verify_vault(dir_.file("vault"), secret(), services().verifier_key, {});
    ASSERT_TRUE(verified) << verified.error().message();
    const auto old = audit::read_unverified_checkpoint(older);
    ASSERT_TRUE(old);
    const auto reads = services().reads->lease();
    const auto root = audit::root_at(storage::LogStore(**reads), old->size);
    ASSERT_TRUE(root);
    EXPECT_EQ(*root, old->root);
    EXPECT_GT(verified->log.checkpoint.size, old->size);
  }

  const std::string mirror_ = dir_.file("mirror");
  std::unique_ptr<EpochKeeper> keeper_;
};

TEST_F(RestoreTest, RepeatsErasuresWithdrawalsObjectionsAndRestrictions) {
  const auto erased = subject_;
  give_consent("ai.mission_matching");
  const auto withdrawn = subject_ = register_person("Withdrawn", "withdrawn@example.org");
  give_consent("ai.mission_matching");
  const auto restricted = register_person("Restricted", "restricted@example.org");
  const auto objecting = register_person("Objecting", "objecting@example.org");
  const std::string backup = back_up();

  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, erased));
  subject_ = withdrawn;
  give_consent("ai.mission_matching", "withdrawn");
  subject_ = restricted;
  fulfil(begin("restriction", self(restricted)));
  subject_ = objecting;
  fulfil(begin("objection", self(objecting)));
  const auto objections_of = [&](const base::SubjectId& id) {
    auto purposes = services().subjects.find(id)->objections;
    std::sort(purposes.begin(), purposes.end());
    return purposes;
  };
  const auto objections = objections_of(objecting);
  ASSERT_FALSE(objections.empty());
  const auto late = register_person("Late", "late@example.org");
  const std::string held = checkpoint();
  destroy_vault();

  const auto report = restore(options(backup));
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(report.withdrawn, 1U);
  EXPECT_EQ(report.restricted, 1U);
  EXPECT_EQ(report.objected, objections.size());
  EXPECT_EQ(report.lost.at("subject.created"), 1U);
  reopen();
  EXPECT_EQ(events_from(report.log_size - 1), std::vector<std::string>{"log.restore"});
  EXPECT_TRUE(services().subjects.find(erased)->erased);
  EXPECT_EQ(GetSubject(services()).execute(dpo_, erased, "check").error().code(), ErrorCode::Gone);
  subject_ = withdrawn;
  EXPECT_FALSE(evaluate().decision.permit);
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::ConsentWithdrawn);
  EXPECT_TRUE(services().subjects.find(restricted)->restricted);
  EXPECT_EQ(objections_of(objecting), objections);
  EXPECT_EQ(services().subjects.find(late), nullptr);
  expect_continues(held);
  serve();  // the mirror goes on with the restored log
}

TEST_F(RestoreTest, NothingOfTheErasedIsLeftInTheRestoredFiles) {
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  destroy_vault();
  restore(options(backup));
  reopen();
  const auto reads = services().reads->lease();
  for (const char* table : {"attribute", "blind_index", "consent_event", "objection", "entry_detail"}) {
    const std::string column = std::string(table) == "entry_detail" ? "subject" : "subject_id";
    storage::Statement& s =
        (*reads)->prepare("SELECT count(*) FROM " + std::string(table) + " WHERE " + column + " = ?1");
    s.bind(1, subject_.bytes());
    ASSERT_TRUE(s.step());
    EXPECT_EQ(s.integer(0), 0) << table;
    s.reset();
  }
}

TEST_F(RestoreTest, WhatWasGivenAgainAfterAWithdrawalIsDeniedAndListed) {
  Attributes child;
  child["user.name"] = "Noé Martin";
  child["user.contact.email"] = "noe@example.org";
  child["user.demographic.date_of_birth"] = "2015-02-28";
  subject_ = *RegisterSubject(services()).execute(dpo_, child, "fr", "api");
  give_consent("ai.mission_matching");
  NewConsent guardian;
  guardian.purpose = "ai.mission_matching";
  guardian.status = "given";
  guardian.by = "guardian";
  guardian.channel = "paper";
  guardian.evidence = "form";
  ASSERT_TRUE(RecordConsent(services()).execute(dpo_, subject_, guardian));
  const std::string backup = back_up();
  guardian.status = "withdrawn";
  ASSERT_TRUE(RecordConsent(services()).execute(dpo_, subject_, guardian));
  guardian.status = "given";
  ASSERT_TRUE(RecordConsent(services()).execute(dpo_, subject_, guardian));
  EXPECT_TRUE(evaluate().decision.permit);
  destroy_vault();
  const auto report = restore(options(backup));
  EXPECT_EQ(report.withdrawn, 1U);
  EXPECT_EQ(report.lost.at("consent.given"), 1U);
  reopen();
  // The log does not say who withdrew: neither consent counts any more.
  EXPECT_FALSE(evaluate().decision.permit);
  give_consent("ai.mission_matching");
  EXPECT_FALSE(evaluate().decision.permit);
  ASSERT_TRUE(RecordConsent(services()).execute(dpo_, subject_, guardian));
  EXPECT_TRUE(evaluate().decision.permit);
}

TEST_F(RestoreTest, ABackupDiesWithTheKeyOfItsDay) {
  const auto living = register_person("Living", "living@example.org");
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  EpochOptions epochs;
  epochs.keep_days = 30;
  epochs.mirror = mirror_;
  const auto turn = [&] { ASSERT_TRUE(turn_epoch(*vault_, epochs)); };
  clock_->advance(hours(24 * 29));
  turn();
  const std::string before = dir_.file("keys-before");
  fs::copy_file(in_vault(mirror_, kEpochKeysFile), before);
  clock_->advance(hours(24 * 2));
  turn();
  destroy_vault();
  // With the root key, and every key that is left, nobody opens it: the operator neither.
  EXPECT_EQ(refusal(options(backup)), ErrorCode::Gone);
  // A day before, the key was still there (and the erasure is repeated).
  auto given = options(backup);
  given.epoch_keys = before;
  EXPECT_EQ(restore(given).erased, 1U);
  reopen();
  turn();  // the living go over to today's key before the one that brought them back is destroyed again
  const auto now = std::chrono::floor<std::chrono::days>(clock_->now()).time_since_epoch().count();
  EXPECT_EQ(services().subjects.find(living)->keys.epoch, now);
  EXPECT_GE(*services().epoch_keys.oldest(), now - 30);
  reopen();
  EXPECT_TRUE(GetSubject(services()).execute(dpo_, living, "check"));
}

TEST_F(RestoreTest, RefusesAVaultThatIsOlderThanAPin) {
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  const std::string pin = dir_.file("held.checkpoint");
  ASSERT_TRUE(storage::write_file_durably(pin, checkpoint()));
  destroy_vault();
  auto given = options(backup);
  given.log_tail.clear();
  EXPECT_EQ(refusal(given), ErrorCode::Precondition);  // nothing tells what came after
  given.pins = {pin};
  EXPECT_EQ(refusal(given), ErrorCode::Precondition);
  given.accept_missing_tail = true;  // a pin says what is missing: that can't be waved through
  EXPECT_EQ(refusal(given), ErrorCode::Precondition);
  given.pins.clear();
  EXPECT_EQ(restore(given).erased, 0U);
}

TEST_F(RestoreTest, APinOfTheBackupsSizeShowsThatNothingIsMissing) {
  const std::string backup = back_up();
  const std::string pin = dir_.file("held.checkpoint");
  ASSERT_TRUE(storage::write_file_durably(pin, checkpoint()));
  destroy_vault();
  auto given = options(backup);
  given.log_tail.clear();
  given.pins = {pin};
  EXPECT_EQ(restore(given).tail_entries, 0U);
  reopen();
}

TEST_F(RestoreTest, RefusesATailThatWasCutGappedOrRewritten) {
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  register_person("A", "a@example.org");
  register_person("B", "b@example.org");
  const std::string pin = dir_.file("held.checkpoint");
  ASSERT_TRUE(storage::write_file_durably(pin, checkpoint()));
  destroy_vault();

  std::string tail_file;
  for (const auto& entry : fs::directory_iterator(mirror_))
    if (entry.path().extension() == ".tail") tail_file = entry.path().string();
  std::vector<std::string> lines;
  {
    std::ifstream in(tail_file);
    for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  }
  const auto erasure = static_cast<std::size_t>(
      std::find_if(lines.begin(), lines.end(),
                   [](const std::string& l) { return l.find("subject.erased") != std::string::npos; }) -
      lines.begin());
  ASSERT_LT(erasure, lines.size());
  const auto refused_with = [&](std::vector<std::string> changed) {
    std::string text;
    for (const auto& line : changed) text += line;
    auto given = options(backup);
    given.log_tail = dir_.file("changed.tail");
    EXPECT_TRUE(storage::write_file_durably(given.log_tail, text));
    given.pins = {pin};
    return refusal(given);
  };
  auto without = lines;
  without.erase(without.begin() + static_cast<std::ptrdiff_t>(erasure));
  EXPECT_EQ(refused_with(without), ErrorCode::Integrity);
  auto cut = lines;
  cut.resize(erasure + 2);  // up to the erasure and its checkpoint: well signed, but short of the pin
  EXPECT_EQ(refused_with(cut), ErrorCode::Precondition);
  auto rewritten = lines;
  const auto at = rewritten[erasure].find("\"fp\":\"f_") + 8;
  rewritten[erasure][at] = rewritten[erasure][at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(refused_with(rewritten), ErrorCode::Integrity);
  auto garbage = lines;
  garbage.insert(garbage.begin() + 1, "nonsense\n");
  EXPECT_EQ(refused_with(garbage), ErrorCode::InvalidRequest);
  EXPECT_EQ(refused_with({lines[0]}), ErrorCode::Integrity);
  auto torn = lines;
  torn.push_back(torn[erasure].substr(0, 20));  // a line that was being written when the power went
  std::string text;
  for (const auto& line : torn) text += line;
  auto given = options(backup);
  given.log_tail = dir_.file("torn.tail");
  ASSERT_TRUE(storage::write_file_durably(given.log_tail, text));
  EXPECT_EQ(restore(given).erased, 1U);
}

TEST_F(RestoreTest, RefusesEveryChangedByteOfABackup) {
  const std::string backup = back_up();
  destroy_vault();
  std::string whole = *storage::read_file(backup);
  const std::string changed = dir_.file("changed");
  const auto refused = [&](const std::string& text) {
    EXPECT_TRUE(storage::write_file_durably(changed, text));
    auto given = options(changed);
    return !restore_backup(given).has_value() && !fs::exists(dir_.file("vault") + "/vault.db");
  };
  const std::size_t step = whole.size() / 40;
  for (std::size_t at = 0; at < whole.size(); at += step) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ 1);
    EXPECT_TRUE(refused(text)) << "byte " << at;
  }
  EXPECT_TRUE(refused(whole.substr(0, whole.size() - 1)));
  EXPECT_TRUE(refused(whole + "x"));
  EXPECT_TRUE(refused(whole.substr(0, whole.size() / 2)));
  EXPECT_TRUE(refused(""));
  EXPECT_FALSE(refused(whole));
}

TEST_F(RestoreTest, ABackupHoldsNeitherClearTextNorEpochKeys) {
  plant_decision();
  give_consent("ai.mission_matching");
  const std::string backup = *storage::read_file(back_up());
  for (const auto& canary : kCanaries) EXPECT_EQ(backup.find(canary), std::string::npos) << canary;
  EXPECT_EQ(backup.find("SQLite format"), std::string::npos);
  EXPECT_EQ(backup.find("epoch"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir_.file("backup.copy")));
  // And the mirror, which lies elsewhere in clear, names nobody.
  for (const auto& entry : fs::directory_iterator(mirror_)) {
    const std::string text = *storage::read_file(entry.path().string());
    for (const auto& canary : kCanaries) EXPECT_EQ(text.find(canary), std::string::npos) << canary;
    EXPECT_EQ(text.find(subject_.str()), std::string::npos);
  }
}

TEST_F(RestoreTest, AWrongSecretOpensNothing) {
  const std::string backup = back_up();
  destroy_vault();
  auto given = options(backup);
  given.secret.key_file = *crypto::SecretBytes::copy_of(base::as_bytes("ffffffffffffffffffffffffffffffff"));
  EXPECT_EQ(refusal(given), ErrorCode::Unauthenticated);
}

TEST_F(RestoreTest, DoesNotReplaceAVaultThatIsThere) {
  const std::string backup = back_up();
  EXPECT_EQ(restore_backup(options(backup)).error().code(), ErrorCode::Conflict);
  keeper_.reset();
  vault_.reset();
  EXPECT_EQ(restore_backup(options(backup)).error().code(), ErrorCode::Conflict);
  reopen();
  ASSERT_TRUE(GetSubject(services()).execute(dpo_, subject_, "check"));
}

TEST_F(RestoreTest, KeepsTheSlotsOfADirectoryThatLostItsDatabaseOnly) {
  const std::string backup = back_up();
  UnsealSecret second;
  second.passphrase = *crypto::SecretBytes::copy_of(base::as_bytes("correct horse battery staple"));
  crypto::PassphraseParameters quick;
  quick.memory_bytes = 8U << 20;
  quick.passes = 1;
  ASSERT_TRUE(add_slot(dir_.file("vault"), secret(), second, "second", clock_->now(), quick));
  keeper_.reset();
  vault_.reset();
  fs::remove(dir_.file("vault") + "/vault.db");
  auto given = options(backup);
  given.epoch_keys.clear();  // the directory's own
  restore(given);
  EXPECT_EQ(list_slots(dir_.file("vault"))->size(), 2U);
  reopen();
}

TEST_F(RestoreTest, ARestoreStoppedAnywhereServesNothingAndCanBeginAgain) {
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  const std::string held = checkpoint();
  destroy_vault();
  for (const auto step : {RestoreStep::Extracted, RestoreStep::TailAppended, RestoreStep::Replayed, RestoreStep::Logged,
                          RestoreStep::PlaceKeys, RestoreStep::PlaceDatabase}) {
    auto given = options(backup);
    given.before_step = [step](RestoreStep now) -> base::Result<void> {
      if (now == step) return base::unavailable("stopped here");
      return {};
    };
    EXPECT_EQ(refusal(given), ErrorCode::Unavailable);
    OpenOptions opening;
    opening.directory = dir_.file("vault");
    opening.clock = clock_;
    opening.secret = secret();
    EXPECT_FALSE(Vault::open(std::move(opening)));
  }
  EXPECT_EQ(restore(options(backup)).erased, 1U);
  reopen();
  expect_continues(held);
}

TEST_F(RestoreTest, AnOldCopyOfTheDirectoryIsNotServedBesideItsMirror) {
  keeper_.reset();
  vault_.reset();
  fs::copy(dir_.file("vault"), dir_.file("old"), fs::copy_options::recursive);
  reopen();
  serve();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  keeper_.reset();
  vault_.reset();
  fs::remove_all(dir_.file("vault"));
  fs::rename(dir_.file("old"), dir_.file("vault"));
  reopen();  // its own pin is as old as it is
  EpochOptions epochs;
  epochs.mirror = mirror_;
  const auto refused = EpochKeeper::start(*vault_, epochs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Integrity);
}

TEST_F(RestoreTest, TheTailSurvivesARestartAndATornLine) {
  const std::string backup = back_up();
  keeper_.reset();
  vault_.reset();
  for (const auto& entry : fs::directory_iterator(mirror_))
    if (entry.path().extension() == ".tail") std::ofstream(entry.path(), std::ios::app) << R"({"v":1,"i":99)";
  reopen();
  register_person("Unseen by the keeper", "unseen@example.org");
  serve();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  const std::string held = checkpoint();
  destroy_vault();
  EXPECT_EQ(restore(options(backup)).erased, 1U);
  reopen();
  expect_continues(held);
}

TEST_F(RestoreTest, AMirrorThatWasTakenAwayIsFilledAgain) {
  const std::string backup = back_up();
  fs::rename(mirror_, dir_.file("unplugged"));
  std::ofstream(mirror_) << "a file, where nothing can be mirrored";
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));  // the service goes on
  fs::remove(mirror_);
  register_person("A", "a@example.org");  // an empty place: the whole log again
  fs::remove_all(mirror_);
  fs::rename(dir_.file("unplugged"), mirror_);
  register_person("B", "b@example.org");  // and the old one, from where it ends
  const std::string held = checkpoint();
  destroy_vault();
  EXPECT_EQ(restore(options(backup)).erased, 1U);
  reopen();
  expect_continues(held);
}

TEST_F(RestoreTest, TailFilesBeginDailyAndGoOncePastTheHorizon) {
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(mirror_)) count += entry.path().extension() == ".tail" ? 1U : 0U;
    return count;
  };
  EXPECT_EQ(files(), 1U);
  for (int day = 0; day < 40; ++day) {
    clock_->advance(hours(24));
    keeper_.reset();
    serve();
  }
  EXPECT_GE(files(), 32U);
  EXPECT_LE(files(), 35U);
  const std::string backup = back_up();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  destroy_vault();
  EXPECT_EQ(restore(options(backup)).erased, 1U);
}

}  // namespace
}  // namespace egide::vault
