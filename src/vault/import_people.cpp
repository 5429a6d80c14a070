#include "egide/vault/import_people.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "consent_events.h"
#include "egide/crypto/hash.h"
#include "import_rows.h"
#include "new_subject.h"
#include "sealing.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

using policies::ConsentState;
constexpr const char* kSource = "import";

// Writes one person of the file: new, or differing from what the vault holds.
class PersonWriter {
 public:
  using Append = std::function<base::Result<audit::LeafIndex>(const EntryFields&, const SubjectEntry&)>;

  PersonWriter(Services& services, const Caller& caller, const ImportMap& map, ImportReport& report)
      : services_(services), caller_(caller), map_(map), report_(report) {}

  // The state to publish, or nothing when nothing changed.
  base::Result<SubjectStatePtr> write(storage::ChangeContext& context, const ImportedPerson& person,
                                      const Append& append) {
    storage::SubjectRepository people(context.connection());
    EGIDE_TRY(const auto known, find(people, person));
    RowReport& row = report_.rows[person.report];
    if (known.size() > 1) {
      row.result = RowResult::Refused;
      row.reasons.emplace_back("its e-mail address and its references belong to different people of the vault");
      return SubjectStatePtr();
    }
    return known.empty() ? create(context, person, append) : update(context, people, known.front(), person, append);
  }

 private:
  base::Result<std::vector<base::SubjectId>> find(const storage::SubjectRepository& people,
                                                  const ImportedPerson& person) {
    std::vector<base::SubjectId> known;
    const auto look = [&](const char* field, const std::string& text) -> base::Result<void> {
      if (text.empty()) return {};
      EGIDE_TRY(const auto value, index_value(services_, field, text));
      EGIDE_TRY(const auto ids, people.find_by_index(field, value));
      for (const auto& id : ids)
        if (std::find(known.begin(), known.end(), id) == known.end()) known.push_back(id);
      return {};
    };
    EGIDE_TRY_VOID(look("email", person.email));
    for (const auto& reference : person.references) EGIDE_TRY_VOID(look("reference", reference));
    return known;
  }

  base::Result<SubjectStatePtr> create(storage::ChangeContext& context, const ImportedPerson& person,
                                       const Append& append) {
    EGIDE_TRY(const NewSubject subject,
              make_subject(services_, person.attributes, person.facts, map_.locale, kSource, context.now()));
    EGIDE_TRY_VOID(insert_subject(context.connection(), subject));
    auto state = std::make_shared<SubjectState>(*subject.state);
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, origin_detail(person)));
    EntryFields fields;
    fields.event = audit::event::kSubjectImported;
    fields.caller = &caller_;
    fields.resource = state->id.uuid();
    EGIDE_TRY(const auto index, append(fields, entry));
    EGIDE_TRY_VOID(WebhookQueue(services_, context).subject_created(*state, index));
    EGIDE_TRY([[maybe_unused]] const bool any, write_consents(context, person, *state, entry, append));
    return SubjectStatePtr(std::move(state));
  }

  base::Result<SubjectStatePtr> update(storage::ChangeContext& context, storage::SubjectRepository& people,
                                       const base::SubjectId& id, const ImportedPerson& person, const Append& append) {
    RowReport& row = report_.rows[person.report];
    const auto known = services_.subjects.find(id);
    if (known == nullptr || known->erased) return base::integrity_violation("A person's index outlived the person");
    if (known->restricted) {  // Art. 18: stored, nothing else
      row.result = RowResult::Refused;
      row.reasons.emplace_back("processing of this person's data is restricted");
      return SubjectStatePtr();
    }
    auto state = std::make_shared<SubjectState>(*known);
    ++state->revision;
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, origin_detail(person)));
    EGIDE_TRY(const Attributes changes, differences(people, *state, person, entry.dek(), row));
    PersonalFacts facts = state->facts;
    take_facts(changes, facts);
    if (person.facts.last_contact) facts.last_contact = person.facts.last_contact;
    if (person.facts.left) facts.left = person.facts.left;
    const bool facts_differ = facts_to_text(facts) != facts_to_text(state->facts);
    bool changed = false;
    if (!changes.empty() || facts_differ) {
      state->facts = facts;
      EGIDE_TRY_VOID(write_changes(context, people, *state, changes, entry.dek()));
      EntryFields fields;
      fields.event = audit::event::kSubjectUpdated;
      fields.caller = &caller_;
      fields.resource = id.uuid();
      EGIDE_TRY(const auto index, append(fields, entry));
      std::vector<std::string> categories;
      for (const auto& [category, value] : changes) categories.push_back(category);
      EGIDE_TRY_VOID(WebhookQueue(services_, context).subject_rectified(*state, categories, index));
      changed = true;
    }
    EGIDE_TRY(const bool consents_changed, write_consents(context, person, *state, entry, append));
    changed = changed || consents_changed;
    row.result = changed ? RowResult::Updated : RowResult::Unchanged;
    return changed ? SubjectStatePtr(std::move(state)) : SubjectStatePtr();
  }

  // Values that differ. What a person or the staff has corrected since stands: an export is older than a correction.
  base::Result<Attributes> differences(storage::SubjectRepository& people, const SubjectState& state,
                                       const ImportedPerson& person, base::ByteView dek, RowReport& row) {
    EGIDE_TRY(const auto rows, people.attributes(state.id));
    EGIDE_TRY(const Attributes held, open_attributes(services_, dek, state.id, rows));
    Attributes changes;
    for (const auto& attribute : person.attributes) {
      const std::string& category = attribute.first;
      const nlohmann::json& value = attribute.second;
      const auto have = held.find(category);
      if (have != held.end() && have->second == value) continue;
      const auto stored = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.category == category; });
      if (stored != rows.end() && stored->source != kSource) {
        row.reasons.push_back(category + " was corrected in the vault: the file's value is left out");
        continue;
      }
      changes.emplace(category, value);
    }
    return changes;
  }

  base::Result<void> write_changes(storage::ChangeContext& context, storage::SubjectRepository& people,
                                   SubjectState& state, const Attributes& changes, base::ByteView dek) {
    EGIDE_TRY_VOID(people.update_facts(
        state.id, state.row_version,
        seal_field(services_, dek, state.id, {"subject", state.id.str(), "facts", 1}, facts_to_text(state.facts))));
    ++state.row_version;
    for (const auto& [category, value] : changes)
      EGIDE_TRY_VOID(people.put_attribute(state.id, seal_attribute(services_, dek, state.id, category, value.dump(),
                                                                   state.row_version, kSource, context.now())));
    return update_indexes(services_, people, state.id, changes);
  }

  // A yes counts where nothing was said before; a no counts always. So a file read again, or an old one, never brings
  // back what was withdrawn.
  base::Result<bool> write_consents(storage::ChangeContext& context, const ImportedPerson& person, SubjectState& state,
                                    const SubjectEntry& entry, const Append& append) {
    bool any = false;
    for (const ImportedConsent& consent : person.consents) {
      if (consent.answer == Answer::None) continue;
      const auto purpose = services_.pack->index_of(consent.purpose);
      EGIDE_CHECK(purpose.has_value());  // checked before the change began
      const PurposeConsent* present = state.consent(*purpose);
      const ConsentState now = present == nullptr ? ConsentState::None : present->person.facts.state;
      const char* status = nullptr;
      if (consent.answer == Answer::Yes && (now == ConsentState::None || now == ConsentState::Unknown))
        status = "given";
      if (consent.answer == Answer::No && now == ConsentState::None) status = "refused";
      if (consent.answer == Answer::No && policies::is_valid_for_processing(now)) status = "withdrawn";
      if (status == nullptr) continue;
      EGIDE_TRY_VOID(write_consent(context, consent, status, state, entry, append));
      any = true;
    }
    return any;
  }

  base::Result<void> write_consent(storage::ChangeContext& context, const ImportedConsent& consent, const char* status,
                                   SubjectState& state, const SubjectEntry& entry, const Append& append) {
    NewConsent event;
    event.purpose = consent.purpose;
    event.status = status;
    event.channel = "import";
    event.method = "column '" + consent.column + "' of an imported file";
    event.evidence = "sha256:" + report_.file_sha256 + " line " + std::to_string(consent.line);
    EGIDE_TRY(const CheckedConsent checked, check_consent(services_, caller_, event, state.locale, context.now()));
    EGIDE_TRY(auto applied, apply_consent(services_, caller_, event, checked, state, entry.dek(), context.now()));
    EGIDE_TRY(const auto about, SubjectEntry::prepare(services_, state, R"({"channel":"import"})"));
    const auto fields = consent_entry(services_, caller_, applied);
    EGIDE_TRY(applied.row.log_index, append(fields, about));
    EGIDE_TRY_VOID(store_consent_event(services_, context, applied.row));
    if (event.status == "given") ++report_.consents_given;
    if (event.status == "refused") ++report_.consents_refused;
    if (event.status == "withdrawn") ++report_.consents_withdrawn;
    return {};
  }

  std::string origin_detail(const ImportedPerson& person) const {
    return R"({"file":"sha256:)" + report_.file_sha256 + R"(","line":)" +
           std::to_string(report_.rows[person.report].line) + "}";
  }

  Services& services_;
  const Caller& caller_;
  const ImportMap& map_;
  ImportReport& report_;
};

// The whole file in one transaction. A dry run writes it too, and is rolled back: it reports what would happen.
class ImportChange final : public LoggedChange {
 public:
  ImportChange(Services& services, const Caller& caller, const ImportMap& map, const ImportedFile& file,
               ImportReport& report, const ImportPeople::Progress& progress)
      : LoggedChange(services), caller_(caller), map_(map), file_(file), report_(report), progress_(progress) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    PersonWriter writer(services_, caller_, map_, report_);
    const auto append_entry = [&](const EntryFields& fields, const SubjectEntry& entry) {
      return append(context, fields, entry);
    };
    for (std::size_t i = 0; i < file_.people.size(); ++i) {
      EGIDE_TRY(auto state, writer.write(context, file_.people[i], append_entry));
      if (state != nullptr) states_.push_back(std::move(state));
      if (progress_ && (i % 256 == 0 || i + 1 == file_.people.size())) progress_(i + 1, file_.people.size());
    }
    // The error that ends a dry run rolls all of it back.
    if (report_.dry_run) return base::conflict("dry run");
    return {};
  }

 private:
  void publish() noexcept override {
    for (auto& state : states_) {
      const bool is_new = services_.subjects.find(state->id) == nullptr;
      const base::SubjectId id = state->id;
      services_.subjects.put(std::move(state));
      if (is_new) services_.pseudonyms->added(id);
    }
  }

  const Caller& caller_;
  const ImportMap& map_;
  const ImportedFile& file_;
  ImportReport& report_;
  const ImportPeople::Progress& progress_;
  std::vector<SubjectStatePtr> states_;
};

base::Result<void> check_purposes(const Services& services, const ImportMap& map) {
  std::vector<base::FieldError> mistakes;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const auto& column = map.columns[i];
    if (column.use != ImportColumn::Use::Consent) continue;
    const policies::Purpose* purpose = services.pack->find(column.purpose);
    if (purpose == nullptr || purpose->basis != policies::LegalBasis::Consent)
      mistakes.push_back({"/columns/" + std::to_string(i) + "/consent",
                          "is not a purpose of the policy pack that rests on consent", 0});
  }
  if (mistakes.empty()) return {};
  return base::Error(base::ErrorCode::InvalidRequest, "The import map is not valid", std::move(mistakes));
}

void count(ImportReport& report) {
  for (const auto& row : report.rows) {
    if (row.result == RowResult::Accepted) ++report.accepted;
    if (row.result == RowResult::Updated) ++report.updated;
    if (row.result == RowResult::Unchanged) ++report.unchanged;
    if (row.result == RowResult::Merged) ++report.merged;
    if (row.result == RowResult::Refused) ++report.refused;
  }
}

}  // namespace

std::string_view name_of(RowResult result) noexcept {
  switch (result) {
    case RowResult::Accepted:
      return "accepted";
    case RowResult::Updated:
      return "updated";
    case RowResult::Unchanged:
      return "unchanged";
    case RowResult::Merged:
      return "merged";
    case RowResult::Refused:
      return "refused";
  }
  EGIDE_CHECK(false);
}

base::Result<ImportReport> ImportPeople::execute(const Caller& caller, std::string_view file, const ImportMap& map,
                                                 bool dry_run, const Progress& progress) {
  EGIDE_TRY_VOID(check_purposes(services_, map));
  EGIDE_TRY(ImportedFile people, read_people(file, map, services_.clock->now()));
  ImportReport report;
  report.dry_run = dry_run;
  report.file_sha256 = base::to_hex(crypto::sha256(base::as_bytes(file)));
  report.rows = std::move(people.rows);
  ImportChange change(services_, caller, map, people, report, progress);
  auto committed = services_.committer->commit(change);
  // A dry run ends in its own Conflict; any other error is one.
  const bool rolled_back = dry_run && !committed && committed.error().message() == "dry run";
  if (!committed && !rolled_back) return std::move(committed).error();
  count(report);
  return report;
}

}  // namespace egide::vault
