#include "egide/vault/subjects.h"

#include <nlohmann/json.hpp>

#include "egide/vault/subject_record.h"
#include "entries.h"
#include "new_subject.h"
#include "sealing.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

// {"fields":[...],"reason":"..."}: names of categories, never their values.
std::string fields_detail(const std::vector<std::string>& categories, std::string_view reason) {
  std::string out = R"({"fields":[)";
  for (std::size_t i = 0; i < categories.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, categories[i]);
  }
  out += ']';
  if (!reason.empty()) {
    out += R"(,"reason":)";
    append_json_string(out, reason);
  }
  return out + "}";
}

std::vector<std::string> categories_of(const Attributes& attributes) {
  std::vector<std::string> out;
  for (const auto& [category, value] : attributes) out.push_back(category);
  return out;
}

class RegistrationChange final : public LoggedChange {
 public:
  RegistrationChange(Services& services, const Caller& caller, const NewSubject& subject, SubjectEntry entry)
      : LoggedChange(services), caller_(caller), subject_(subject), entry_(std::move(entry)) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY_VOID(insert_subject(context.connection(), subject_));
    EntryFields fields;
    fields.event = audit::event::kSubjectCreated;
    fields.caller = &caller_;
    fields.resource = subject_.row.id.uuid();
    EGIDE_TRY(const auto index, append(context, fields, entry_));
    return WebhookQueue(services_, context).subject_created(*subject_.state, index);
  }

 private:
  void publish() noexcept override {
    services_.subjects.put(subject_.state);
    services_.pseudonyms->added(subject_.row.id);
  }
  const Caller& caller_;
  const NewSubject& subject_;
  SubjectEntry entry_;
};

// One entry about a person, nothing else changed: a read.
class PersonReadChange final : public LoggedChange {
 public:
  PersonReadChange(Services& services, const EntryFields& fields, SubjectEntry entry)
      : LoggedChange(services), fields_(fields), entry_(std::move(entry)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    const auto state = services_.subjects.find(entry_.subject());
    if (state == nullptr || state->erased) return base::Error(base::ErrorCode::Gone, "This person has been erased");
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields_, entry_));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  EntryFields fields_;
  SubjectEntry entry_;
};

class LookupChange final : public LoggedChange {
 public:
  LookupChange(Services& services, const Caller& caller, bool found)
      : LoggedChange(services), caller_(caller), found_(found) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kSubjectLookup;
    fields.caller = &caller_;
    fields.outcome = found_ ? audit::Outcome::Allow : audit::Outcome::Deny;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  bool found_;
};

}  // namespace

base::Result<base::SubjectId> RegisterSubject::execute(const Caller& caller, const Attributes& attributes,
                                                       const std::string& locale, const std::string& source) {
  const base::Timestamp now = services_.clock->now();
  EGIDE_TRY_VOID(check_attributes(attributes, "/attributes", now));
  EGIDE_TRY(const NewSubject subject, make_subject(services_, attributes, {}, locale, source, now));
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *subject.state, fields_detail(categories_of(attributes), "")));
  RegistrationChange change(services_, caller, subject, std::move(entry));
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return subject.row.id;
}

base::Result<SubjectRecord> GetSubject::execute(const Caller& caller, const base::SubjectId& id,
                                                const std::string& reason) {
  EGIDE_TRY(const auto state, services_.living(id));
  const bool hidden = state->restricted && !caller.subject;  // Art. 18: staff see that a record exists, not its content

  EntryFields fields;
  fields.event = audit::event::kSubjectRead;
  fields.caller = &caller;
  fields.resource = id.uuid();
  fields.outcome = hidden ? audit::Outcome::Deny : audit::Outcome::Allow;
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, fields_detail({}, reason)));
  PersonReadChange change(services_, fields, std::move(entry));
  EGIDE_TRY_VOID(services_.committer->commit(change));

  EGIDE_TRY(const auto reads, services_.reads->lease());
  storage::SubjectRepository people(*reads);
  EGIDE_TRY(const auto row, people.find(id));
  if (!row || row->status == storage::SubjectStatus::Erased)
    return base::Error(base::ErrorCode::Gone, "This person has been erased");
  SubjectRecord record;
  record.id = id;
  record.version = row->version;
  record.locale = row->locale;
  record.created_at = row->created_at;
  record.restricted = row->restricted;
  if (hidden) return record;
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, id, row->keys));
  EGIDE_TRY(const auto rows, people.attributes(id));
  EGIDE_TRY(auto values, open_attributes(services_, dek.expose_secret(), id, rows));
  for (const auto& attribute : rows)
    record.attributes.push_back(
        {attribute.category, std::move(values.at(attribute.category)), attribute.source, attribute.updated_at});
  return record;
}

namespace {

class UpdateChange final : public LoggedChange {
 public:
  UpdateChange(Services& services, const Caller& caller, const base::SubjectId& id, std::int64_t expected,
               const Attributes& changes, const std::string& source)
      : LoggedChange(services), caller_(caller), id_(id), expected_(expected), changes_(changes), source_(source) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(id_));
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, fields_detail(categories_of(changes_), "")));
    storage::SubjectRepository people(context.connection());
    auto next = std::make_shared<SubjectState>(*state);
    next->revision = state->revision + 1;
    take_facts(changes_, next->facts);
    EGIDE_TRY_VOID(people.update_facts(
        id_, expected_,
        seal_field(services_, entry.dek(), id_, {"subject", id_.str(), "facts", 1}, facts_to_text(next->facts))));
    for (const auto& [category, value] : changes_) {
      if (value.is_null())
        EGIDE_TRY_VOID(people.remove_attribute(id_, category));
      else
        EGIDE_TRY_VOID(people.put_attribute(id_, seal_attribute(services_, entry.dek(), id_, category, value.dump(),
                                                                expected_ + 1, source_, context.now())));
    }
    EGIDE_TRY_VOID(update_indexes(services_, people, id_, changes_));
    next->row_version = expected_ + 1;
    next_ = std::move(next);

    EntryFields fields;
    fields.event = audit::event::kSubjectUpdated;
    fields.caller = &caller_;
    fields.resource = id_.uuid();
    EGIDE_TRY(const auto index, append(context, fields, entry));
    return WebhookQueue(services_, context).subject_rectified(*state, categories_of(changes_), index);
  }

 private:
  void publish() noexcept override { services_.subjects.put(next_); }

  const Caller& caller_;
  base::SubjectId id_;
  std::int64_t expected_;
  const Attributes& changes_;
  const std::string& source_;
  SubjectStatePtr next_;
};

}  // namespace

base::Result<std::int64_t> UpdateSubject::execute(const Caller& caller, const base::SubjectId& id,
                                                  std::int64_t expected_version, const Attributes& changes,
                                                  const std::string& source) {
  EGIDE_TRY_VOID(check_attributes(changes, "/attributes", services_.clock->now()));
  EGIDE_TRY([[maybe_unused]] const auto state, services_.living(id));
  UpdateChange change(services_, caller, id, expected_version, changes, source);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return expected_version + 1;
}

namespace {

base::Result<std::optional<base::SubjectId>> look_up(Services& services, const Caller& caller, const char* field,
                                                     const std::string& text) {
  EGIDE_TRY(const auto value, index_value(services, field, text));
  std::optional<base::SubjectId> found;
  {
    EGIDE_TRY(const auto reads, services.reads->lease());
    EGIDE_TRY(const auto ids, storage::SubjectRepository(*reads).find_by_index(field, value));
    if (!ids.empty()) found = ids.front();
  }
  LookupChange change(services, caller, found.has_value());
  EGIDE_TRY_VOID(services.committer->commit(change));
  return found;
}

}  // namespace

base::Result<std::optional<base::SubjectId>> LookupSubject::by_email(const Caller& caller, const std::string& email) {
  return look_up(services_, caller, "email", email);
}

base::Result<std::optional<base::SubjectId>> LookupSubject::by_reference(const Caller& caller,
                                                                         const std::string& reference) {
  return look_up(services_, caller, "reference", reference);
}

}  // namespace egide::vault
