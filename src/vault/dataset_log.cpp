#include "dataset_log.h"

#include "egide/audit/disclosure_events.h"
#include "egide/crypto/random.h"

namespace egide::vault {
namespace {

base::Error choices_changed() {
  return base::conflict("Choices of people changed while the dataset was made: ask again");
}

EntryFields fields_of(const Services& services, const Caller& caller, const DatasetPlan& plan, std::string_view event,
                      audit::Outcome outcome) {
  const policies::Purpose& purpose = services.pack->at(plan.purpose);
  EntryFields out;
  out.event = event;
  out.caller = &caller;
  out.purpose = purpose.id.str();
  out.legal_basis = policies::dpv_id(purpose.basis);
  out.outcome = outcome;
  out.with_policy = true;
  return out;
}

std::string detail_of(const DatasetPlan& plan, const base::RecordId& dataset, bool released,
                      const std::vector<std::string>& categories) {
  std::string out = R"({"tool":)";
  append_json_string(out, plan.tool->row.id.str());
  out += R"(,"dataset":")" + dataset.str() + R"(","released":)" + (released ? "true" : "false") + R"(,"categories":[)";
  for (std::size_t i = 0; i < categories.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, categories[i]);
  }
  return out + "]}";
}

class TakenChange final : public LoggedChange {
 public:
  TakenChange(Services& services, const Caller& caller, const DatasetPlan& plan, const base::RecordId& dataset,
              std::span<const TakenPerson> people)
      : LoggedChange(services), caller_(caller), plan_(plan), dataset_(dataset), people_(people) {}

  base::Result<void> prepare(const std::vector<std::string>& categories) {
    const std::string in_file = detail_of(plan_, dataset_, true, categories);
    const std::string left_out = detail_of(plan_, dataset_, false, categories);
    entries_.reserve(people_.size());
    for (const auto& person : people_) {
      EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *person.state, person.released ? in_file : left_out));
      entries_.push_back(std::move(entry));
    }
    return {};
  }

  base::Result<void> apply(storage::ChangeContext& context) override {
    // Every check comes before the first entry.
    for (const auto& person : people_) {
      const auto state = services_.subjects.find(person.state->id);
      if (state == nullptr || !is_permitted(services_, plan_, *state, context.now())) return choices_changed();
    }
    EntryFields fields = fields_of(services_, caller_, plan_, audit::event::kDatasetTaken, audit::Outcome::Allow);
    fields.resource = dataset_.uuid();
    for (const auto& entry : entries_) EGIDE_TRY_VOID(append_one(context, fields, entry));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  base::Result<void> append_one(storage::ChangeContext& context, const EntryFields& fields, const SubjectEntry& entry) {
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry));
    return {};
  }
  const Caller& caller_;
  const DatasetPlan& plan_;
  const base::RecordId& dataset_;
  std::span<const TakenPerson> people_;
  std::vector<SubjectEntry> entries_;
};

class ExportChange final : public LoggedChange {
 public:
  ExportChange(Services& services, const Caller& caller, const DatasetPlan& plan, std::span<const TakenPerson> people,
               storage::DatasetRow& row)
      : LoggedChange(services), caller_(caller), plan_(plan), people_(people), row_(row) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    // A withdrawal that stands before this entry in the log must not be overtaken by the file.
    for (const auto& person : people_) {
      if (!person.released) continue;
      const auto state = services_.subjects.find(person.state->id);
      if (state == nullptr || !is_permitted(services_, plan_, *state, context.now())) return choices_changed();
    }
    storage::DatasetRepository datasets(context.connection());
    const EntryFields fields =
        fields_of(services_, caller_, plan_, audit::event::kDatasetExported, audit::Outcome::Allow);
    storage::EntryDraft draft;
    draft.leaf.event = fields.event;
    draft.leaf.actor = caller_.actor;
    draft.leaf.purpose = fields.purpose;
    draft.leaf.legal_basis = fields.legal_basis;
    draft.leaf.outcome = fields.outcome;
    draft.leaf.policy = services_.pack->revision();
    draft.leaf.request = row_.id.uuid().bytes();
    draft.r32 = row_.commitment_key;
    draft.detail = base::as_bytes(row_.detail);
    EGIDE_TRY(row_.log_index, context.append(draft));
    return datasets.insert(row_);
  }

 private:
  const Caller& caller_;
  const DatasetPlan& plan_;
  std::span<const TakenPerson> people_;
  storage::DatasetRow& row_;
};

class PlainChange final : public LoggedChange {
 public:
  PlainChange(Services& services, const EntryFields& fields) : LoggedChange(services), fields_(fields) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields_));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  EntryFields fields_;
};

}  // namespace

base::Result<void> log_taken_people(Services& services, const Caller& caller, const DatasetPlan& plan,
                                    const base::RecordId& dataset, std::span<const TakenPerson> people,
                                    const std::vector<std::string>& categories) {
  for (std::size_t begin = 0; begin < people.size(); begin += kPeopleAChange) {
    const auto some = people.subspan(begin, std::min(kPeopleAChange, people.size() - begin));
    TakenChange change(services, caller, plan, dataset, some);
    EGIDE_TRY_VOID(change.prepare(categories));
    EGIDE_TRY_VOID(services.committer->commit(change));
  }
  return {};
}

base::Result<void> log_export(Services& services, const Caller& caller, const DatasetPlan& plan,
                              std::span<const TakenPerson> people, storage::DatasetRow& row) {
  row.commitment_key = crypto::random_array<32>();
  ExportChange change(services, caller, plan, people, row);
  return services.committer->commit(change);
}

base::Result<void> log_dataset_event(Services& services, const Caller& caller, const DatasetPlan& plan,
                                     std::string_view event, audit::Outcome outcome) {
  PlainChange change(services, fields_of(services, caller, plan, event, outcome));
  return services.committer->commit(change);
}

}  // namespace egide::vault
