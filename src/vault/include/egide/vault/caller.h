// Who asks. Made by Accounts::authenticate (or by the command line, for the operator); handlers pass it on.
//
// Thread safety: a plain value.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "egide/base/ids.h"

namespace egide::vault {

enum class Role { Tool, Subject, Coordinator, Dpo, Auditor, Admin };
std::string_view name_of(Role role) noexcept;                    // "dpo"
std::optional<Role> parse_role(std::string_view name) noexcept;  // staff roles only

struct ToolState;

struct Caller {
  Role role = Role::Subject;
  std::string id;                          // tool id, account id, or subject id
  base::ByteArray<16> actor{};             // pseudonym in the log: "a_..."
  std::shared_ptr<const ToolState> tool;   // set for tools
  std::optional<base::SubjectId> subject;  // set for people: their entries say "self"
};

}  // namespace egide::vault
