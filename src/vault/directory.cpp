#include "directory.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/hash.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

std::string_view name_of(Role role) noexcept {
  switch (role) {
    case Role::Tool:
      return "tool";
    case Role::Subject:
      return "subject";
    case Role::Coordinator:
      return "coordinator";
    case Role::Dpo:
      return "dpo";
    case Role::Auditor:
      return "auditor";
    case Role::Admin:
      return "admin";
  }
  EGIDE_CHECK(false);
}

std::optional<Role> parse_role(std::string_view name) noexcept {
  for (const Role role : {Role::Coordinator, Role::Dpo, Role::Auditor, Role::Admin})
    if (name == name_of(role)) return role;
  return std::nullopt;
}

policies::ToolFacts ToolState::facts() const noexcept {
  policies::ToolFacts facts;
  facts.known = true;
  facts.active = row.active;
  facts.grants = grants;
  facts.recipient_class = row.recipient_class;
  return facts;
}

base::Result<ToolState> make_tool_state(storage::ToolRow row, const policies::Pack& pack) {
  ToolState state;
  EGIDE_TRY(const base::Json grants, base::parse_json(row.grants));
  if (!grants.is_array()) return base::integrity_violation("A stored tool is damaged");
  for (const auto& grant : grants) {
    base::ObjectReader in(grant, "");
    const std::string purpose = in.required_string("purpose");
    const auto categories = in.optional_strings("categories");
    if (!in.finish()) return base::integrity_violation("A stored tool is damaged");
    state.purposes.push_back(purpose);
    // A purpose that this pack doesn't hold gives no right; the grant is kept for the pack that does.
    if (const auto index = pack.index_of(purpose)) {
      policies::ToolGrant known;
      known.purpose = *index;
      known.categories = categories.value_or(std::vector<std::string>());
      state.grants.push_back(std::move(known));
    }
  }
  state.row = std::move(row);
  for (const policies::ToolGrant& grant : state.grants) {
    policies::DecisionRequest request;
    request.purpose = grant.purpose;
    auto terms = std::make_shared<PermitTerms>();
    terms->categories = policies::permitted_categories(request, state.facts(), pack);
    terms->obligations = policies::obligations_for(grant.purpose, terms->categories, pack);
    state.terms.push_back(std::move(terms));
  }
  return state;
}

std::shared_ptr<const ToolState> AccountDirectory::tool(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = tools_.find(id);
  return found == tools_.end() ? nullptr : found->second;
}

std::shared_ptr<const ToolState> AccountDirectory::tool_by_token(const base::Hash32& hash) const {
  const std::shared_lock lock(mutex_);
  const auto found = tools_by_token_.find(hash);
  return found == tools_by_token_.end() ? nullptr : found->second;
}

std::shared_ptr<const AccountState> AccountDirectory::account_by_token(const base::Hash32& hash) const {
  const std::shared_lock lock(mutex_);
  const auto found = accounts_by_token_.find(hash);
  return found == accounts_by_token_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const ToolState>> AccountDirectory::tools() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const ToolState>> all;
  for (const auto& [id, tool] : tools_) all.push_back(tool);
  return all;
}

std::vector<std::shared_ptr<const AccountState>> AccountDirectory::accounts() const {
  const std::shared_lock lock(mutex_);
  return accounts_;
}

namespace {

base::Hash32 hash_key(const base::Bytes& stored) {
  const auto hash = base::to_array<32>(stored);
  EGIDE_CHECK(hash.has_value());
  return *hash;
}

}  // namespace

void AccountDirectory::put(std::shared_ptr<const ToolState> tool) {
  const std::unique_lock lock(mutex_);
  auto& at = tools_[tool->row.id.str()];
  if (at != nullptr) tools_by_token_.erase(hash_key(at->row.token_hash));
  tools_by_token_[hash_key(tool->row.token_hash)] = tool;
  at = std::move(tool);
}

void AccountDirectory::put(std::shared_ptr<const AccountState> account) {
  const std::unique_lock lock(mutex_);
  accounts_by_token_[hash_key(account->row.token_hash)] = account;
  const auto found = std::find_if(accounts_.begin(), accounts_.end(),
                                  [&](const auto& known) { return known->row.id == account->row.id; });
  if (found != accounts_.end())
    *found = std::move(account);
  else
    accounts_.push_back(std::move(account));
}

namespace {

NoticeVersion with_hashes(NoticeVersion notice) {
  for (const auto& [language, text] : notice.texts) notice.hashes[language] = crypto::sha256(base::as_bytes(text));
  return notice;
}

}  // namespace

void NoticeDirectory::load(const policies::Pack& pack, const std::vector<storage::NoticeRow>& rows) {
  const std::unique_lock lock(mutex_);
  by_purpose_.assign(pack.purposes().size(), {});
  for (std::size_t i = 0; i < pack.purposes().size(); ++i) {
    NoticeVersion first;
    first.version = pack.purposes()[i].notice.version;
    first.texts = pack.purposes()[i].notice.text.by_language;
    by_purpose_[i].push_back(with_hashes(std::move(first)));
  }
  for (const auto& row : rows) {
    const auto index = pack.index_of(row.purpose);
    if (!index) continue;
    NoticeVersion notice;
    notice.version = row.version;
    notice.texts = row.texts;
    notice.summary = row.summary;
    notice.material = row.material;
    notice.oldest_acceptable = row.oldest_acceptable;
    notice.issued_at = row.issued_at;
    by_purpose_[*index].push_back(with_hashes(std::move(notice)));
  }
}

std::vector<NoticeVersion> NoticeDirectory::versions(policies::PurposeIndex purpose) const {
  const std::shared_lock lock(mutex_);
  return by_purpose_.at(purpose);
}

std::optional<NoticeVersion> NoticeDirectory::version(policies::PurposeIndex purpose, int version) const {
  const std::shared_lock lock(mutex_);
  for (const auto& notice : by_purpose_.at(purpose))
    if (notice.version == version) return notice;
  return std::nullopt;
}

NoticeVersion NoticeDirectory::current(policies::PurposeIndex purpose) const {
  const std::shared_lock lock(mutex_);
  return by_purpose_.at(purpose).back();
}

int NoticeDirectory::oldest_acceptable(policies::PurposeIndex purpose) const noexcept {
  const std::shared_lock lock(mutex_);
  return by_purpose_[purpose].back().oldest_acceptable;
}

void NoticeDirectory::add(policies::PurposeIndex purpose, NoticeVersion notice) {
  const std::unique_lock lock(mutex_);
  by_purpose_.at(purpose).push_back(with_hashes(std::move(notice)));
}

}  // namespace egide::vault
