// The log entry of one page of a search, and the last look at what it holds.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "egide/vault/search_access.h"
#include "entries.h"

namespace egide::vault {

class SearchChange final : public LoggedChange {
 public:
  // `recheck` runs on the committer's thread, drops what no longer holds, and says how many results are left.
  SearchChange(Services& services, const Caller& caller, FoundPage& page,
               std::function<std::uint64_t(base::Timestamp)> recheck);

  const policies::Purpose* purpose = nullptr;   // searched for
  const base::ByteArray<16>* policy = nullptr;  // another revision than the pack's
  std::optional<SubjectEntry> entry;            // of the one person concerned
  base::Result<void> apply(storage::ChangeContext& context) override;
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  FoundPage& page_;
  std::function<std::uint64_t(base::Timestamp)> recheck_;
};

// A tool, a purpose and what is asked of them, decided for one person after the other.
class UseDecider {
 public:
  UseDecider(const Services& services, const std::string& tool, policies::PurposeIndex purpose,
             const std::vector<std::string>& categories, std::optional<policies::Automation> automation);

  bool knows_tool() const noexcept { return tool_ != nullptr && tool_->row.active; }
  // Whether the purpose is granted at all, before any person is looked at.
  bool is_granted() const noexcept;
  policies::Decision decide(const SubjectState& state, base::Timestamp now) const;
  bool permits(const SubjectState& state, base::Timestamp now) const { return decide(state, now).permit; }
  int oldest_notice() const noexcept { return oldest_notice_; }
  // False when the tool or the notices have moved on since: then every decision is to be made again.
  bool is_current() const;
  std::shared_ptr<const PermitTerms> terms() const;

 private:
  policies::DecisionRequest request() const;
  const Services* services_;
  std::string tool_id_;
  std::shared_ptr<const ToolState> tool_;
  policies::PurposeIndex purpose_;
  const std::vector<std::string>* categories_;
  std::optional<policies::Automation> automation_;
  int oldest_notice_;
};

}  // namespace egide::vault
