// Rotation of the root key and of the log's signing key: nothing is lost, the old key opens and signs nothing more, and
// a rotation stopped anywhere leaves a vault that opens.
#include <gtest/gtest.h>

#include <filesystem>

#include "egide/audit/log_verifier.h"
#include "egide/storage/files.h"
#include "egide/vault/backup.h"
#include "egide/vault/epochs.h"
#include "egide/vault/maintenance.h"
#include "egide/vault/rotation.h"
#include "requests_fixture.h"
#include "rotation_files.h"
#include "rotation_log.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

class RotationTest : public RequestsFixture {
 protected:
  static UnsealSecret passphrase() {
    UnsealSecret out;
    out.passphrase = *crypto::SecretBytes::copy_of(base::as_bytes("correct horse battery staple"));
    return out;
  }
  RotationOptions options() {
    RotationOptions out;
    out.directory = dir_.file("vault");
    out.secrets.push_back(secret());
    out.clock = clock_;
    return out;
  }
  void add_passphrase() {
    crypto::PassphraseParameters quick;
    quick.memory_bytes = 8U << 20;
    quick.passes = 1;
    ASSERT_TRUE(add_slot(dir_.file("vault"), secret(), passphrase(), "in the safe", clock_->now(), quick));
  }
  std::string text_of(const char* name) { return *storage::read_file(in_vault(dir_.file("vault"), name)); }
  crypto::SecretBytes root() {
    const auto slots = crypto::KeySlots::parse(text_of(kUnsealFile));
    return *unseal(*slots, secret());
  }
  void expect_whole() {
    reopen();
    const auto record = GetSubject(services()).execute(dpo_, subject_, "check");
    ASSERT_TRUE(record) << record.error().message();
    give_consent("ai.mission_matching");
    EXPECT_TRUE(evaluate().decision.permit);
    const auto verified = verify_vault(dir_.file("vault"), secret(), "", {});
    EXPECT_TRUE(verified) << verified.error().message();
  }
  template <typename Rotate>
  void expect_survives_every_stop(Rotate&& rotate, int fewest_stops) {
    for (int stop_at = 1;; ++stop_at) {
      vault_.reset();
      int step = 0;
      auto given = options();
      given.before_step = [&](RotationStep) -> base::Result<void> {
        if (++step == stop_at) return base::unavailable("stopped here");
        return {};
      };
      const bool done = rotate(given);
      expect_whole();
      EXPECT_FALSE(fs::exists(in_vault(dir_.file("vault"), kRotationFile))) << stop_at;
      EXPECT_FALSE(fs::exists(in_vault(dir_.file("vault"), kNextLogKeyFile))) << stop_at;
      EXPECT_FALSE(fs::exists(in_vault(dir_.file("vault"), kNextDatabaseFile))) << stop_at;
      if (!done) continue;
      EXPECT_GT(stop_at, fewest_stops);
      return;
    }
  }
};

TEST_F(RotationTest, TheOldRootKeyOpensNothingMore) {
  const auto old_root = root();
  const auto size = log_size();
  vault_.reset();
  ASSERT_TRUE(rotate_root_key(options()));
  EXPECT_FALSE(crypto::equal_constant_time(old_root.expose_secret(), root().expose_secret()));
  EXPECT_FALSE(crypto::wrapped_secret_from_json(old_root, "derivation", text_of(kDerivationKeyFile)));
  EXPECT_FALSE(crypto::wrapped_secret_from_json(old_root, "log", text_of(kLogKeyFile)));
  EXPECT_FALSE(crypto::EpochKeys::parse(old_root, text_of(kEpochKeysFile)));
  expect_whole();
  EXPECT_EQ(events_from(size).front(), "key.rotated");
}

TEST_F(RotationTest, NamesTheSlotsWhoseSecretsAreMissing) {
  add_passphrase();
  vault_.reset();
  const std::string before = text_of(kUnsealFile);
  const auto refused = rotate_root_key(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Conflict);
  EXPECT_NE(refused.error().message().find("in the safe"), std::string::npos);
  EXPECT_EQ(text_of(kUnsealFile), before);

  auto both = options();
  both.secrets.push_back(passphrase());
  const auto kept = rotate_root_key(both);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->kept.size(), 2U);
  const auto slots = crypto::KeySlots::parse(text_of(kUnsealFile));
  EXPECT_TRUE(crypto::equal_constant_time(unseal(*slots, passphrase())->expose_secret(), root().expose_secret()));

  auto dropping = options();
  dropping.drop_other_slots = true;
  const auto dropped = rotate_root_key(dropping);
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->dropped.size(), 1U);
  EXPECT_FALSE(unseal(*crypto::KeySlots::parse(text_of(kUnsealFile)), passphrase()));
  expect_whole();
}

TEST_F(RotationTest, AWrongSecretRotatesNothing) {
  vault_.reset();
  auto wrong = options();
  wrong.secrets.clear();
  EXPECT_EQ(rotate_root_key(wrong).error().code(), ErrorCode::InvalidRequest);
  wrong.secrets.push_back(passphrase());
  EXPECT_EQ(rotate_root_key(wrong).error().code(), ErrorCode::Unauthenticated);
  EXPECT_EQ(rotate_signing_key(wrong).error().code(), ErrorCode::Unauthenticated);
  expect_whole();
}

TEST_F(RotationTest, AServedVaultIsLeftAlone) {
  EXPECT_EQ(rotate_root_key(options()).error().code(), ErrorCode::Conflict);
  EXPECT_EQ(rotate_signing_key(options()).error().code(), ErrorCode::Conflict);
}

TEST_F(RotationTest, ARootRotationStoppedAnywhereLeavesAVaultThatOpens) {
  expect_survives_every_stop([](const RotationOptions& given) { return rotate_root_key(given).has_value(); }, 7);
}

TEST_F(RotationTest, ASigningRotationStoppedAnywhereLeavesALogThatVerifies) {
  expect_survives_every_stop([](const RotationOptions& given) { return rotate_signing_key(given).has_value(); }, 3);
}

TEST_F(RotationTest, ADatabaseRotationStoppedAnywhereLeavesAVaultThatOpens) {
  expect_survives_every_stop([](const RotationOptions& given) { return rotate_database_key(given).has_value(); }, 3);
}

TEST_F(RotationTest, TheDatabaseIsWrittenUnderItsNextKeyAndBackupsKeepWorking) {
  plant_decision();
  const std::string path = in_vault(dir_.file("vault"), kDatabaseFile);
  const auto salt = [&] { return storage::read_file(path)->substr(0, 16); };
  const std::string first = salt();
  const std::string before = dir_.file("backup-before");
  ASSERT_TRUE(make_backup(dir_.file("vault"), secret(), before, clock_->now()));
  vault_.reset();
  const auto rotated = rotate_database_key(options());
  ASSERT_TRUE(rotated) << rotated.error().message();
  EXPECT_EQ(rotated->version, 2U);
  EXPECT_NE(salt(), first);
  expect_whole();
  vault_.reset();
  EXPECT_EQ(rotate_database_key(options())->version, 3U);
  expect_whole();
  const std::string after = dir_.file("backup-after");
  ASSERT_TRUE(make_backup(dir_.file("vault"), secret(), after, clock_->now()));
  vault_.reset();
  fs::copy_file(in_vault(dir_.file("vault"), kEpochKeysFile), dir_.file("keys"));
  for (const auto& backup : {before, after}) {
    fs::remove_all(dir_.file("vault"));
    RestoreOptions restoring;
    restoring.in = backup;
    restoring.directory = dir_.file("vault");
    restoring.epoch_keys = dir_.file("keys");
    restoring.accept_missing_tail = true;
    restoring.secret = secret();
    restoring.clock = clock_;
    const auto restored = restore_backup(restoring);
    ASSERT_TRUE(restored) << restored.error().message();
    expect_whole();
    vault_.reset();
  }
}

TEST_F(RotationTest, BackupsFromBeforeARootRotationAreRefusedAndSayWhy) {
  const std::string backup = dir_.file("backup");
  ASSERT_TRUE(make_backup(dir_.file("vault"), secret(), backup, clock_->now()));
  vault_.reset();
  ASSERT_TRUE(rotate_root_key(options()));
  fs::copy_file(in_vault(dir_.file("vault"), kEpochKeysFile), dir_.file("keys"));
  fs::remove_all(dir_.file("vault"));
  RestoreOptions restoring;
  restoring.in = backup;
  restoring.directory = dir_.file("vault");
  restoring.epoch_keys = dir_.file("keys");
  restoring.accept_missing_tail = true;
  restoring.secret = secret();
  restoring.clock = clock_;
  const auto refused = restore_backup(restoring);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("root key was replaced"), std::string::npos);
}

TEST_F(RotationTest, TheMirrorRestoresABackupFromBeforeBothRotations) {
  const std::string backup = dir_.file("backup");
  const std::string mirror = dir_.file("mirror");
  EpochOptions epochs;
  epochs.mirror = mirror;
  const auto serve_once = [&] {
    const auto keeper = EpochKeeper::start(*vault_, epochs);
    ASSERT_TRUE(keeper) << keeper.error().message();
  };
  serve_once();
  ASSERT_TRUE(make_backup(dir_.file("vault"), secret(), backup, clock_->now()));
  const std::string old_key = services().verifier_key;
  vault_.reset();
  ASSERT_TRUE(rotate_root_key(options()));
  ASSERT_TRUE(rotate_signing_key(options()));
  reopen();
  serve_once();
  const auto other = register_person("Other", "other@example.org");
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, other));
  serve_once();
  const std::string new_key = services().verifier_key;
  ASSERT_NE(new_key, old_key);
  vault_.reset();
  fs::remove_all(dir_.file("vault"));

  RestoreOptions restoring;
  restoring.in = backup;
  restoring.directory = dir_.file("vault");
  restoring.epoch_keys = in_vault(mirror, kEpochKeysFile);
  restoring.log_tail = mirror;
  restoring.secret = secret();
  restoring.clock = clock_;
  const auto restored = restore_backup(restoring);
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_EQ(restored->verifier_key, new_key);
  EXPECT_EQ(restored->of_unknown_people, 1U);
  expect_whole();
  EXPECT_EQ(services().verifier_key, new_key);
  serve_once();
}

TEST_F(RotationTest, AuditorsFollowTheHandOverFromTheOldKeyToTheNew) {
  const std::string old_key = services().verifier_key;
  const std::string old_note = *services().committer->checkpoint();
  vault_.reset();
  const auto rotated = rotate_signing_key(options());
  ASSERT_TRUE(rotated) << rotated.error().message();
  EXPECT_EQ(rotated->old_key, old_key);
  EXPECT_NE(rotated->new_key, old_key);
  const std::string hand_over = *storage::read_file(rotated->hand_over);
  EXPECT_TRUE(audit::open_checkpoint(hand_over, *audit::VerifierKey::parse(rotated->old_key)));
  EXPECT_TRUE(audit::open_checkpoint(hand_over, *audit::VerifierKey::parse(rotated->new_key)));
  expect_whole();  // which appends: later checkpoints have the new signature only
  EXPECT_EQ(services().verifier_key, rotated->new_key);
  EXPECT_FALSE(
      audit::open_checkpoint(*services().committer->checkpoint(), *audit::VerifierKey::parse(rotated->old_key)));

  const auto verify = [&](const std::string& key, std::vector<std::string> older) {
    const auto reads = services().reads->lease();
    storage::StoredLogSource source(**reads);
    audit::VerifyOptions given;
    given.older_checkpoints = std::move(older);
    return audit::verify_log(source, *audit::VerifierKey::parse(key), given).has_value();
  };
  EXPECT_TRUE(verify(rotated->new_key, {}));
  EXPECT_TRUE(verify(rotated->new_key, {old_note, hand_over}));
  EXPECT_TRUE(verify(rotated->old_key, {old_note, hand_over}));
  EXPECT_FALSE(verify(rotated->old_key, {old_note}));  // nothing that the old key signed names the new one
  vault_.reset();
  ASSERT_TRUE(rotate_signing_key(options()));  // and once more
  expect_whole();
}

}  // namespace
}  // namespace egide::vault
