#include "egide/vault/accounts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/crypto/random.h"
#include "entries.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

bool is_tool_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

ToolView view_of(const ToolState& tool) {
  return {tool.row.id.str(), tool.row.name,         tool.row.recipient_class, tool.purposes,
          tool.row.active,   tool.row.evaluate_any, tool.row.created_at};
}

// Writes a tool's row, new or changed.
class ToolChange final : public LoggedChange {
 public:
  ToolChange(Services& services, const Caller& caller, ToolState tool, bool is_new)
      : LoggedChange(services),
        caller_(caller),
        tool_(std::make_shared<const ToolState>(std::move(tool))),
        is_new_(is_new) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::AccountRepository accounts(context.connection());
    auto written = is_new_ ? accounts.insert_tool(tool_->row) : accounts.update_tool(tool_->row);
    if (!written && written.error().code() == base::ErrorCode::Conflict)
      return base::conflict("A tool with this id exists already");
    EGIDE_TRY_VOID(std::move(written));
    EntryFields fields;
    fields.event = audit::event::kToolChanged;
    fields.caller = &caller_;
    EGIDE_TRY(const auto index, append(context, fields));
    if (!tool_->row.active) return WebhookQueue(services_, context).tool_revoked(tool_->row.id.str(), index);
    return {};
  }

 private:
  void publish() noexcept override { services_.accounts.put(tool_); }
  const Caller& caller_;
  std::shared_ptr<const ToolState> tool_;
  bool is_new_;
};

class AccountChange final : public LoggedChange {
 public:
  AccountChange(Services& services, const Caller& caller, AccountState account, bool is_new)
      : LoggedChange(services),
        caller_(caller),
        account_(std::make_shared<const AccountState>(std::move(account))),
        is_new_(is_new) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::AccountRepository accounts(context.connection());
    auto written = is_new_ ? accounts.insert_account(account_->row)
                           : accounts.set_account_active(account_->row.id, account_->row.active);
    if (!written && written.error().code() == base::ErrorCode::Conflict)
      return base::conflict("An account with this label exists already");
    EGIDE_TRY_VOID(std::move(written));
    EntryFields fields;
    fields.event = audit::event::kUserChanged;
    fields.caller = &caller_;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }

 private:
  void publish() noexcept override { services_.accounts.put(account_); }
  const Caller& caller_;
  std::shared_ptr<const AccountState> account_;
  bool is_new_;
};

base::Error bad_token() { return {base::ErrorCode::Unauthenticated, "A valid token is needed"}; }

}  // namespace

base::Result<Caller> Accounts::authenticate(std::string_view token) const {
  const auto hash = crypto::hash_of_token(*services_.keys, token);
  if (!hash) return bad_token();
  if (auto tool = services_.accounts.tool_by_token(*hash)) {
    if (!tool->row.active) return bad_token();
    Caller caller;
    caller.role = Role::Tool;
    caller.id = tool->row.id.str();
    caller.actor = tool->row.actor;
    caller.tool = std::move(tool);
    return caller;
  }
  if (const auto account = services_.accounts.account_by_token(*hash)) {
    if (!account->row.active) return bad_token();
    Caller caller;
    caller.role = account->role;
    caller.id = account->row.id.str();
    caller.actor = account->row.actor;
    return caller;
  }
  return bad_token();
}

Caller Accounts::operator_of_the_machine(const Services& services) {
  Caller caller;
  caller.role = Role::Admin;
  caller.id = "operator";
  caller.actor = services.operator_actor;
  return caller;
}

base::Result<std::string> Accounts::add_tool(const Caller& caller, const NewTool& tool) {
  std::vector<base::FieldError> mistakes;
  if (!is_tool_id(tool.id)) mistakes.push_back({"/id", "must be 1 to 64 of a-z, 0-9, '-', '_' and '.'", 0});
  if (tool.name.size() > 200) mistakes.push_back({"/name", "must have at most 200 bytes", 0});
  // A gateway asks about other tools and generic policies, for which no purpose of its own is needed.
  if (tool.purposes.empty() && !tool.evaluate_any)
    mistakes.push_back({"/purposes", "must name at least one purpose", 0});
  nlohmann::json grants = nlohmann::json::array();
  for (std::size_t i = 0; i < tool.purposes.size(); ++i) {
    if (!services_.pack->index_of(tool.purposes[i]))
      mistakes.push_back({"/purposes/" + std::to_string(i), "is not a purpose of the policy pack", 0});
    nlohmann::json grant = nlohmann::json::object();
    grant["purpose"] = tool.purposes[i];
    grants.push_back(grant);
  }
  if (!mistakes.empty())
    return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));

  const auto token = crypto::make_token(*services_.keys);
  storage::ToolRow row;
  row.id = base::ToolId(tool.id);
  row.name = tool.name.empty() ? tool.id : tool.name;
  row.token_hash = base::to_bytes(token.hash);
  row.actor = crypto::random_array<16>();
  row.evaluate_any = tool.evaluate_any;
  row.recipient_class = tool.recipient_class;
  row.grants = grants.dump();
  row.created_at = services_.clock->now();
  EGIDE_TRY(auto state, make_tool_state(std::move(row), *services_.pack));
  ToolChange change(services_, caller, std::move(state), true);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return token.text;
}

base::Result<void> Accounts::revoke_tool(const Caller& caller, const std::string& id) {
  const auto tool = services_.accounts.tool(id);
  if (tool == nullptr) return base::not_found("There is no such tool");
  ToolState next = *tool;
  next.row.active = false;
  ++next.row.version;
  ToolChange change(services_, caller, std::move(next), false);
  return services_.committer->commit(change);
}

base::Result<ToolView> Accounts::tool(const std::string& id) const {
  const auto tool = services_.accounts.tool(id);
  if (tool == nullptr) return base::not_found("There is no such tool");
  return view_of(*tool);
}

std::vector<ToolView> Accounts::tools() const {
  std::vector<ToolView> out;
  for (const auto& tool : services_.accounts.tools()) out.push_back(view_of(*tool));
  return out;
}

base::Result<Accounts::AddedAccount> Accounts::add_account(const Caller& caller, const std::string& label, Role role) {
  if (label.empty() || label.size() > 100) return base::invalid_field("/label", "must have between 1 and 100 bytes");
  if (role == Role::Tool || role == Role::Subject)
    return base::invalid_field("/role", "must be one of coordinator, dpo, auditor, admin");
  const auto token = crypto::make_token(*services_.keys);
  AccountState state;
  state.role = role;
  state.row.id = base::UserId(crypto::random_uuid());
  state.row.label = label;
  state.row.role = name_of(role);
  state.row.token_hash = base::to_bytes(token.hash);
  state.row.actor = crypto::random_array<16>();
  state.row.created_at = services_.clock->now();
  const std::string id = state.row.id.str();
  AccountChange change(services_, caller, std::move(state), true);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return AddedAccount{id, token.text};
}

base::Result<void> Accounts::disable_account(const Caller& caller, const std::string& id) {
  for (const auto& account : services_.accounts.accounts()) {
    if (account->row.id.str() != id && account->row.label != id) continue;
    AccountState next = *account;
    next.row.active = false;
    AccountChange change(services_, caller, std::move(next), false);
    return services_.committer->commit(change);
  }
  return base::not_found("There is no such account");
}

std::vector<AccountView> Accounts::accounts() const {
  std::vector<AccountView> out;
  for (const auto& account : services_.accounts.accounts())
    out.push_back(
        {account->row.id.str(), account->row.label, account->role, account->row.active, account->row.created_at});
  return out;
}

}  // namespace egide::vault
