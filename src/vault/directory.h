// Tools, accounts and notice versions in memory: immutable snapshots, swapped by the committer's thread.
//
// Thread safety: reads from many threads.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "egide/base/result.h"
#include "egide/policies/decide.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/consent_repository.h"
#include "egide/vault/caller.h"

namespace egide::vault {

struct PermitTerms;

struct ToolState {
  storage::ToolRow row;
  std::vector<policies::ToolGrant> grants;
  std::vector<std::shared_ptr<const PermitTerms>> terms;  // of each grant, where no categories are asked for
  std::vector<std::string> purposes;                      // as granted, those the pack doesn't know included
  policies::ToolFacts facts() const noexcept;
};

struct AccountState {
  storage::AccountRow row;
  Role role = Role::Auditor;
};

// Reads the grants column against the pack.
base::Result<ToolState> make_tool_state(storage::ToolRow row, const policies::Pack& pack);

class AccountDirectory {
 public:
  std::shared_ptr<const ToolState> tool(const std::string& id) const;
  std::shared_ptr<const ToolState> tool_by_token(const base::Hash32& hash) const;
  std::shared_ptr<const AccountState> account_by_token(const base::Hash32& hash) const;
  std::vector<std::shared_ptr<const ToolState>> tools() const;        // by id
  std::vector<std::shared_ptr<const AccountState>> accounts() const;  // by creation

  void put(std::shared_ptr<const ToolState> tool);
  void put(std::shared_ptr<const AccountState> account);

 private:
  struct HashOfHash {
    std::size_t operator()(const base::Hash32& hash) const noexcept {
      std::size_t h;
      std::memcpy(&h, hash.data(), sizeof h);
      return h;
    }
  };
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const ToolState>> tools_;
  std::unordered_map<base::Hash32, std::shared_ptr<const ToolState>, HashOfHash> tools_by_token_;
  std::vector<std::shared_ptr<const AccountState>> accounts_;
  std::unordered_map<base::Hash32, std::shared_ptr<const AccountState>, HashOfHash> accounts_by_token_;
};

struct NoticeVersion {
  int version = 1;
  std::map<std::string, std::string> texts;    // by language
  std::map<std::string, base::Hash32> hashes;  // SHA-256 of each text, UTF-8, LF
  std::string summary;
  bool material = false;
  int oldest_acceptable = 1;
  base::Timestamp issued_at{};
};

class NoticeDirectory {
 public:
  // Version 1 of every purpose comes with the pack.
  void load(const policies::Pack& pack, const std::vector<storage::NoticeRow>& rows);
  std::vector<NoticeVersion> versions(policies::PurposeIndex purpose) const;
  std::optional<NoticeVersion> version(policies::PurposeIndex purpose, int version) const;
  NoticeVersion current(policies::PurposeIndex purpose) const;
  int oldest_acceptable(policies::PurposeIndex purpose) const noexcept;
  void add(policies::PurposeIndex purpose, NoticeVersion notice);

 private:
  mutable std::shared_mutex mutex_;
  std::vector<std::vector<NoticeVersion>> by_purpose_;
};

}  // namespace egide::vault
