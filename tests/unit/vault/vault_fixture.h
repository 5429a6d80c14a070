// A vault on disk under a key file and a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "egide/testing/fake_clock.h"
#include "egide/testing/temp_dir.h"
#include "egide/vault/vault.h"
#include "services.h"

namespace egide::vault {

class VaultFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateOptions options;
    options.directory = dir_.file("vault");
    options.organisation = "Association Exemple";
    options.clock = clock_;
    options.secret = secret();
    const auto created = create_vault(options);
    ASSERT_TRUE(created) << created.error().message();
    reopen();
  }
  static UnsealSecret secret() {
    UnsealSecret out;
    out.key_file = *crypto::SecretBytes::copy_of(base::as_bytes("0123456789abcdef0123456789abcdef"));
    return out;
  }
  void reopen() {
    vault_.reset();
    OpenOptions options;
    options.directory = dir_.file("vault");
    options.clock = clock_;
    options.secret = secret();
    auto opened = Vault::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().message();
    vault_ = std::move(*opened);
    // It reads from one snapshot, which would keep the history that an erasure wants gone.
    while (vault_->log_check() == Vault::LogCheck::Running) std::this_thread::yield();
    ASSERT_EQ(vault_->log_check(), Vault::LogCheck::Passed);
  }
  Services& services() { return vault_->services(); }
  std::uint64_t log_size() { return vault_->info().log_size; }

  testing::TempDir dir_;
  std::shared_ptr<testing::FakeClock> clock_ =
      std::make_shared<testing::FakeClock>(base::Timestamp(std::chrono::milliseconds(1795000000000)));
  std::unique_ptr<Vault> vault_;
};

}  // namespace egide::vault
