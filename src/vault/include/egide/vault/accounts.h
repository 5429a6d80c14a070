// Tools and staff: create, list, revoke, authenticate. A token is shown once; only its keyed hash is kept.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/storage/account_repository.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

struct NewTool {
  std::string id;  // lower-case letters, digits, '-', '_', '.'
  std::string name;
  std::vector<std::string> purposes;  // granted with all their categories
  std::string recipient_class;        // empty: a tool of the house
  bool evaluate_any = false;
};

struct ToolView {
  std::string id, name, recipient_class;
  std::vector<std::string> purposes;
  bool active = true, evaluate_any = false;
  base::Timestamp created_at{};
};

struct AccountView {
  std::string id, label;
  Role role = Role::Auditor;
  bool active = true;
  base::Timestamp created_at{};
};

class Accounts {
 public:
  explicit Accounts(Services& services) : services_(services) {}

  // Unauthenticated for anything that is not an active account's token: one answer for malformed, unknown and revoked.
  base::Result<Caller> authenticate(std::string_view token) const;
  // The caller of the command line on the vault's own machine.
  static Caller operator_of_the_machine(const Services& services);

  base::Result<std::string> add_tool(const Caller& caller, const NewTool& tool);  // the token
  base::Result<void> revoke_tool(const Caller& caller, const std::string& id);
  base::Result<ToolView> tool(const std::string& id) const;
  std::vector<ToolView> tools() const;

  struct AddedAccount {
    std::string id, token;
  };
  base::Result<AddedAccount> add_account(const Caller& caller, const std::string& label, Role role);
  base::Result<void> disable_account(const Caller& caller, const std::string& id);
  std::vector<AccountView> accounts() const;

 private:
  Services& services_;
};

}  // namespace egide::vault
