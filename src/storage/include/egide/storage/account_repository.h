// Tools, staff accounts, and the vault's own settings. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct ToolRow {
  base::ToolId id;
  std::string name;
  base::Bytes token_hash;
  base::ByteArray<16> actor{};
  bool active = true;
  bool evaluate_any = false;
  std::string recipient_class;
  std::string grants;  // JSON: [{"purpose": "...", "categories": [...]}]
  base::Timestamp created_at{};
  std::int64_t version = 1;
};

struct AccountRow {
  base::UserId id;
  std::string label;  // what the role's holder is called in the console, not a person's name
  std::string role;   // "admin", "dpo", "coordinator", "auditor"
  base::Bytes token_hash;
  base::ByteArray<16> actor{};
  bool active = true;
  base::Timestamp created_at{};
};

class AccountRepository {
 public:
  explicit AccountRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert_tool(const ToolRow& row);  // Conflict: the id is taken
  base::Result<void> update_tool(const ToolRow& row);  // NotFound; writes every column but id and actor
  base::Result<std::vector<ToolRow>> tools() const;
  base::Result<void> insert_account(const AccountRow& row);                    // Conflict: the label is taken
  base::Result<void> set_account_active(const base::UserId& id, bool active);  // NotFound
  base::Result<std::vector<AccountRow>> accounts() const;

  base::Result<std::optional<std::string>> setting(std::string_view key) const;
  base::Result<void> put_setting(std::string_view key, std::string_view value);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
