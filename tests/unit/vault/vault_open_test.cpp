// Making, opening and closing a vault.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/testing/fake_clock.h"
#include "egide/testing/temp_dir.h"
#include "egide/vault/accounts.h"
#include "egide/vault/consents.h"
#include "egide/vault/evaluate_access.h"
#include "egide/vault/subject_record.h"
#include "egide/vault/vault.h"
#include "services.h"

namespace egide::vault {
namespace {

class VaultOpenTest : public ::testing::Test {
 protected:
  static UnsealSecret passphrase(std::string_view text) {
    UnsealSecret out;
    out.passphrase = *crypto::SecretBytes::copy_of(base::as_bytes(text));
    return out;
  }
  CreateOptions creation(const std::string& directory) {
    CreateOptions options;
    options.directory = directory;
    options.organisation = "Association Exemple";
    options.clock = clock_;
    options.secret = passphrase("correct horse battery staple");
    options.passphrase_parameters.memory_bytes = 8U << 20;
    options.passphrase_parameters.passes = 1;
    return options;
  }
  base::Result<std::unique_ptr<Vault>> open(std::string_view secret = "correct horse battery staple",
                                            std::vector<policies::PackFile> pack = {}) {
    OpenOptions options;
    options.directory = directory_;
    options.clock = clock_;
    options.secret = passphrase(secret);
    options.pack_files = std::move(pack);
    return Vault::open(std::move(options));
  }
  std::unique_ptr<Vault> made() {
    const auto created = create_vault(creation(directory_));
    EXPECT_TRUE(created) << created.error().message();
    auto vault = open();
    EXPECT_TRUE(vault) << vault.error().message();
    return std::move(*vault);
  }
  base::SubjectId person(Vault& vault, const std::string& reference) {
    Attributes attributes;
    attributes["user.unique_id"] = reference;
    attributes["user.name"] = "Zoé Martin";
    attributes["user.demographic.date_of_birth"] = "1980-02-29";
    const auto id = RegisterSubject(vault.services())
                        .execute(Accounts::operator_of_the_machine(vault.services()), attributes, "fr", "api");
    EXPECT_TRUE(id);
    return *id;
  }

  testing::TempDir dir_;
  const std::string directory_ = dir_.file("vault");
  std::shared_ptr<testing::FakeClock> clock_ =
      std::make_shared<testing::FakeClock>(base::Timestamp(std::chrono::milliseconds(1795000000000)));
};

TEST_F(VaultOpenTest, TheFirstEntryIsTheLogsCreationAndTheSecondThePolicy) {
  const auto vault = made();
  EXPECT_EQ(vault->info().log_size, 2U);
  const auto reads = vault->services().reads->lease();
  const auto leaves = storage::LogStore(**reads).leaves(0, 10);
  ASSERT_TRUE(leaves);
  EXPECT_NE(leaves->at(0).find(R"("ev":"log.created")"), std::string::npos);
  EXPECT_NE(leaves->at(1).find(R"("ev":"policy.loaded")"), std::string::npos);
}

TEST_F(VaultOpenTest, EverythingIsThereAfterReopening) {
  auto vault = made();
  const Caller staff = Accounts::operator_of_the_machine(vault->services());
  const auto id = person(*vault, "BEN-1");
  NewTool tool;
  tool.id = "matcher";
  tool.purposes = {"ai.mission_matching"};
  const auto token = Accounts(vault->services()).add_tool(staff, tool);
  ASSERT_TRUE(token);
  NewConsent consent;
  consent.purpose = "ai.mission_matching";
  consent.status = "given";
  consent.channel = "paper";
  consent.evidence = "form 12";
  ASSERT_TRUE(RecordConsent(vault->services()).execute(staff, id, consent));
  const auto before = vault->info();
  vault.reset();

  const auto again = open();
  ASSERT_TRUE(again) << again.error().message();
  vault = nullptr;
  EXPECT_EQ((*again)->info().log_size, before.log_size);
  EXPECT_EQ((*again)->info().people, 1);
  EXPECT_EQ((*again)->info().verifier_key, before.verifier_key);
  EXPECT_EQ((*again)->info().organisation, "Association Exemple");
  const auto record = GetSubject((*again)->services()).execute(staff, id, "test");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->attributes.at(1).value, "Zoé Martin");
  const auto caller = Accounts((*again)->services()).authenticate(*token);
  ASSERT_TRUE(caller);
  AccessQuestion question;
  question.tool = "matcher";
  question.person = id.str();
  question.purpose = "ai.mission_matching";
  const auto answer = EvaluateAccess((*again)->services()).execute(*caller, question);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->decision.permit);
}

TEST_F(VaultOpenTest, TheWholeLogIsCheckedAfterOpening) {
  const auto vault = made();
  while (vault->log_check() == Vault::LogCheck::Running) std::this_thread::yield();
  EXPECT_EQ(vault->log_check(), Vault::LogCheck::Passed);
  EXPECT_FALSE(vault->failed());
}

TEST_F(VaultOpenTest, AWrongSecretOpensNothing) {
  made().reset();
  for (const char* wrong : {"correct horse battery stapl", "", "x"}) {
    const auto refused = open(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), base::ErrorCode::Unauthenticated);
  }
  EXPECT_TRUE(open());
}

TEST_F(VaultOpenTest, OneVaultADirectoryAndOneProcessAVault) {
  const auto vault = made();
  EXPECT_EQ(create_vault(creation(directory_)).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(open().error().code(), base::ErrorCode::Conflict);
}

TEST_F(VaultOpenTest, ADirectoryWithoutAVaultSaysSo) { EXPECT_EQ(open().error().code(), base::ErrorCode::NotFound); }

TEST_F(VaultOpenTest, AFailedCreationLeavesNothing) {
  auto bad = creation(directory_);
  bad.origin = "not a+name";
  EXPECT_FALSE(create_vault(bad));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/vault.db"));
  EXPECT_TRUE(create_vault(creation(directory_)));
}

TEST_F(VaultOpenTest, AnOlderDatabaseThanItsPinIsRefused) {
  auto vault = made();
  const std::string kept = dir_.file("older.db");
  vault.reset();
  std::filesystem::copy_file(directory_ + "/vault.db", kept);
  vault = std::move(*open());
  person(*vault, "BEN-1");
  vault.reset();  // pins the newest checkpoint
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(directory_ + "/vault.db" + suffix);
  std::filesystem::copy_file(kept, directory_ + "/vault.db", std::filesystem::copy_options::overwrite_existing);
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::Integrity);
  EXPECT_NE(refused.error().message().find("pin"), std::string::npos);
}

TEST_F(VaultOpenTest, AForgedPinIsRefused) {
  made().reset();
  const std::string path = directory_ + "/pins/newest.checkpoint";
  std::string note = *storage::read_file(path);
  note.replace(note.find("\n2\n"), 3, "\n1\n");
  ASSERT_TRUE(storage::write_file_durably(path, note));
  EXPECT_EQ(open().error().code(), base::ErrorCode::Integrity);
}

TEST_F(VaultOpenTest, AnotherVaultsKeysDoNotFit) {
  made().reset();
  const std::string other = dir_.file("other");
  ASSERT_TRUE(create_vault(creation(other)));
  for (const char* file : {"derivation.key", "log.key", "epoch.keys"}) {
    const std::string mine = directory_ + "/" + file;
    const std::string kept = *storage::read_file(mine);
    std::filesystem::copy_file(other + "/" + file, mine, std::filesystem::copy_options::overwrite_existing);
    const auto refused = open();
    ASSERT_FALSE(refused) << file;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::Integrity) << file;
    ASSERT_TRUE(storage::write_file_durably(mine, kept));
  }
  EXPECT_TRUE(open());
}

TEST_F(VaultOpenTest, APackWithMistakesIsRefusedWithItsLines) {
  made().reset();
  auto files = policies::bundled_pack_files();
  std::string& text = files.front().text;
  const auto at = text.find("\"eu-gdpr:A6-1-");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 15, "\"eu-gdpr:A6-1-z");
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const auto refused = open("correct horse battery staple", files);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("line " + std::to_string(line)), std::string::npos)
      << refused.error().message();
  EXPECT_TRUE(open());  // nothing of it was applied
}

TEST_F(VaultOpenTest, AnotherPackIsSaidInTheLogOnce) {
  made().reset();
  auto files = policies::bundled_pack_files();
  const auto at = files.front().text.find("\"PT24H\"");
  ASSERT_NE(at, std::string::npos);
  files.front().text.replace(at, 7, "\"PT23H\"");
  auto vault = open("correct horse battery staple", files);
  ASSERT_TRUE(vault) << vault.error().message();
  EXPECT_EQ((*vault)->info().log_size, 3U);
  vault->reset();
  vault = open("correct horse battery staple", files);
  ASSERT_TRUE(vault);
  EXPECT_EQ((*vault)->info().log_size, 3U);
}

}  // namespace
}  // namespace egide::vault
