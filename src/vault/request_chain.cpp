#include "request_chain.h"

namespace egide::vault {
namespace {

class HeadBarrier final : public storage::Change {
 public:
  HeadBarrier(Services& services, const base::SubjectId& subject) : services_(services), subject_(subject) {}
  base::Result<void> apply(storage::ChangeContext&) override {
    EGIDE_TRY([[maybe_unused]] const auto state, services_.living(subject_));
    head_ = services_.subjects.last_entry(subject_);
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }
  std::uint64_t head() const noexcept { return head_; }

 private:
  Services& services_;
  base::SubjectId subject_;
  std::uint64_t head_ = 0;
};

class ReadChange final : public LoggedChange {
 public:
  ReadChange(Services& services, const EntryFields& fields, std::optional<SubjectEntry> entry)
      : LoggedChange(services), fields_(fields), entry_(std::move(entry)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    if (entry_) EGIDE_TRY_VOID(still_living());
    EGIDE_TRY([[maybe_unused]] const auto index, entry_ ? append(context, fields_, *entry_) : append(context, fields_));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  base::Result<void> still_living() const {
    EGIDE_TRY([[maybe_unused]] const auto state, services_.living(entry_->subject()));
    return {};
  }
  EntryFields fields_;
  std::optional<SubjectEntry> entry_;
};

}  // namespace

base::Result<void> walk_chain(const storage::LogStore& log, const base::SubjectId& subject, std::uint64_t head,
                              const std::function<base::Result<void>(const storage::LogStore::Detail&)>& visit) {
  while (head != 0) {
    EGIDE_TRY(const auto detail, log.detail(head - 1));
    if (!detail) return {};
    if (detail->subject != subject || detail->previous >= head)
      return base::integrity_violation("A person's chain of log entries is damaged");
    EGIDE_TRY_VOID(visit(*detail));
    head = detail->previous;
  }
  return {};
}

base::Result<std::uint64_t> durable_chain_head(Services& services, const base::SubjectId& subject) {
  HeadBarrier barrier(services, subject);
  EGIDE_TRY_VOID(services.committer->commit(barrier));
  return barrier.head();
}

base::Result<void> log_person_read(Services& services, const Caller& caller, const SubjectState& state,
                                   std::string_view event, const base::Uuid& resource, std::string_view detail) {
  EntryFields fields;
  fields.event = event;
  fields.caller = &caller;
  fields.resource = resource;
  fields.outcome = audit::Outcome::Allow;
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services, state, detail));
  ReadChange change(services, fields, std::move(entry));
  return services.committer->commit(change);
}

base::Result<void> log_plain_read(Services& services, const Caller& caller, std::string_view event) {
  EntryFields fields;
  fields.event = event;
  fields.caller = &caller;
  fields.outcome = audit::Outcome::Allow;
  ReadChange change(services, fields, std::nullopt);
  return services.committer->commit(change);
}

}  // namespace egide::vault
