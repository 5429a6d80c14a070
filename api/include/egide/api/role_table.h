// Who may call what: one table, route name -> roles. A route that is not in it refuses everybody.
//
// The table is about kinds of callers. Which person's data, for which purpose, is decided further in (a coordinator
// sees only people of a stated purpose, a tool only its own decisions, a person only their own data).
// Thread safety: constant data.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace egide::api {

enum class Role : std::uint8_t { Public, Tool, Subject, Coordinator, Dpo, Auditor, Admin };
inline constexpr std::array<Role, 7> kAllRoles = {Role::Public, Role::Tool,    Role::Subject, Role::Coordinator,
                                                  Role::Dpo,    Role::Auditor, Role::Admin};

const char* name_of(Role role) noexcept;  // "dpo"
std::optional<Role> parse_role(std::string_view text) noexcept;

class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ = static_cast<std::uint8_t>(bits_ | bit(role));
  }
  constexpr bool has(Role role) const noexcept { return (bits_ & bit(role)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

 private:
  static constexpr std::uint8_t bit(Role role) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

struct RoleRule {
  std::string_view route;
  RoleSet roles;  // Public: everybody, without authentication
};

// egide's table.
std::span<const RoleRule> role_table() noexcept;

// Deny by default: false for a route that `table` does not name. A public route lets every role through.
bool may_call(std::span<const RoleRule> table, std::string_view route, Role role) noexcept;

}  // namespace egide::api
