#include "access_package_log.h"

#include <algorithm>

#include "egide/audit/disclosure_events.h"
#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/storage/decision_repository.h"
#include "entries.h"
#include "request_chain.h"
#include "sealing.h"

namespace egide::vault {
namespace {

constexpr std::size_t kCommitmentKey = 32;  // r32 stands before a decision's sealed text

// Roles by the pseudonyms that entries name. An account that was removed since has none.
std::map<base::ByteArray<16>, std::string> roles_of(const Services& services) {
  std::map<base::ByteArray<16>, std::string> roles;
  for (const auto& account : services.accounts.accounts()) roles[account->row.actor] = name_of(account->role);
  for (const auto& tool : services.accounts.tools()) roles[tool->row.actor] = "tool";
  roles[services.operator_actor] = "operator";
  return roles;
}

class LogCopy {
 public:
  LogCopy(const Services& services, storage::Connection& connection, base::ByteView dek, PersonCopy& out)
      : services_(services),
        log_(connection),
        decisions_(connection),
        dek_(dek),
        roles_(roles_of(services)),
        out_(out) {}

  base::Result<void> take(const storage::LogStore::Detail& detail) {
    EGIDE_TRY(const auto line, log_.leaf(detail.index));
    audit::ParsedLeaf parsed;
    EGIDE_TRY_VOID(audit::parse_leaf(line, parsed));
    const audit::Leaf& leaf = parsed.leaf;
    nlohmann::json opened = nlohmann::json::object();
    if (!detail.sealed.empty()) {
      EGIDE_TRY(const auto text, open_detail(services_, *out_.state, detail.record, detail.sealed));
      EGIDE_TRY(opened, base::parse_json(text));
    }
    if (!leaf.purpose.empty()) out_.logged_purposes.emplace(leaf.purpose);
    if (leaf.outcome == audit::Outcome::Allow && reached_a_tool(leaf, opened)) add_use(leaf, opened);
    if (leaf.event == audit::event::kDecisionRecorded) EGIDE_TRY_VOID(add_decision(detail.index));
    add_entry(leaf, std::move(opened));
    return {};
  }

 private:
  void add_entry(const audit::Leaf& leaf, nlohmann::json opened) {
    PackageJson entry = PackageJson::object();
    entry["log_index"] = leaf.index;
    entry["at"] = base::format_rfc3339(leaf.time);
    entry["event"] = leaf.event;
    if (leaf.actor_is_self) {
      entry["by"] = "self";
    } else if (leaf.actor) {
      entry["by"] = "a_" + base::to_base64url(*leaf.actor);
      const auto role = roles_.find(*leaf.actor);
      if (role != roles_.end()) entry["role"] = role->second;
    } else {
      entry["by"] = "system";
    }
    if (!leaf.purpose.empty()) entry["purpose"] = leaf.purpose;
    if (!leaf.legal_basis.empty()) entry["legal_basis"] = leaf.legal_basis;
    if (leaf.outcome)
      entry["outcome"] = *leaf.outcome == audit::Outcome::Allow  ? "allow"
                         : *leaf.outcome == audit::Outcome::Deny ? "deny"
                                                                 : "fail";
    if (!opened.empty()) entry["detail"] = PackageJson(std::move(opened));
    out_.access_log.push_back(std::move(entry));
  }

  // Who was left out of a dataset had their data looked at, and given to nobody.
  static bool reached_a_tool(const audit::Leaf& leaf, const nlohmann::json& opened) {
    if (leaf.event == audit::event::kDatasetTaken) return opened.value("released", true);
    return leaf.event == audit::event::kAccessEvaluated;
  }

  void add_use(const audit::Leaf& leaf, const nlohmann::json& opened) {
    const auto tool = opened.find("tool");
    if (tool == opened.end() || !tool->is_string()) return;
    const auto& name = tool->get_ref<const std::string&>();
    auto use = std::find_if(out_.uses.begin(), out_.uses.end(),
                            [&](const ToolUse& u) { return u.tool == name && u.purpose == leaf.purpose; });
    if (use == out_.uses.end()) {
      ToolUse added;
      added.tool = name;
      added.purpose = leaf.purpose;
      added.first = added.last = leaf.time;
      use = out_.uses.insert(out_.uses.end(), std::move(added));
      everything_.push_back(false);
    }
    ++use->times;
    use->first = std::min(use->first, leaf.time);
    const auto categories = opened.find("categories");
    const auto position = static_cast<std::size_t>(use - out_.uses.begin());
    if (categories == opened.end() || !categories->is_array()) everything_[position] = true;
    if (everything_[position]) return use->categories.clear();
    for (const auto& category : *categories)
      if (category.is_string()) use->categories.insert(category.get<std::string>());
  }

  base::Result<void> add_decision(std::uint64_t index) {
    EGIDE_TRY(const auto row, decisions_.find_by_log_index(index));
    if (!row) return {};
    PackageJson decision = PackageJson::object();
    decision["id"] = row->id.str();
    decision["type"] = row->type;
    decision["tool"] = row->tool.str();
    decision["system"] = row->system_id;
    if (!row->system_version.empty()) decision["system_version"] = row->system_version;
    decision["purpose"] = row->purpose;
    decision["occurred_at"] = base::format_rfc3339(row->occurred_at);
    decision["recorded_at"] = base::format_rfc3339(row->recorded_at);
    decision["had_permit"] = row->had_permit;
    EGIDE_TRY(const auto clear, base::parse_json(row->clear));
    decision["record"] = PackageJson(clear);
    if (!row->sealed.empty()) {
      EGIDE_TRY(const auto text,
                open_field(services_, dek_, out_.subject, {"decision", row->id.str(), "sealed", 1}, row->sealed));
      if (text.size() < kCommitmentKey) return base::integrity_violation("A stored decision is too short");
      EGIDE_TRY(const auto about, base::parse_json(std::string_view(text).substr(kCommitmentKey)));
      decision["about_you"] = PackageJson(about);
    }
    decision["log_index"] = row->log_index;
    out_.decisions.push_back(std::move(decision));
    return {};
  }

  const Services& services_;
  storage::LogStore log_;
  storage::DecisionRepository decisions_;
  base::ByteView dek_;
  std::map<base::ByteArray<16>, std::string> roles_;
  std::vector<bool> everything_;  // by use: a read without a list of categories covers all
  PersonCopy& out_;
};

}  // namespace

base::Result<void> copy_log(const Services& services, storage::Connection& connection, base::ByteView dek,
                            std::uint64_t head, PersonCopy& out) {
  LogCopy copy(services, connection, dek, out);
  return walk_chain(storage::LogStore(connection), out.subject, head,
                    [&copy](const storage::LogStore::Detail& detail) { return copy.take(detail); });
}

}  // namespace egide::vault
