#include "egide/vault/guardians.h"

#include <nlohmann/json.hpp>

#include "consent_asking.h"
#include "consent_events.h"
#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "sealing.h"

namespace egide::vault {
namespace {

FieldPlace place_of(const base::RecordId& id) { return {"guardianship", id.str(), "sealed", 1}; }

base::Result<Guardianship> to_view(const Services& services, const SubjectState& child, base::ByteView dek,
                                   const storage::GuardianshipRow& row, base::Timestamp now) {
  EGIDE_TRY(const auto text, open_field(services, dek, row.child, place_of(row.id), row.sealed));
  EGIDE_TRY(const auto json, base::parse_json(text));
  base::ObjectReader in(json, "");
  Guardianship out;
  out.id = row.id;
  out.child = row.child;
  out.guardian = row.guardian;
  out.since = row.since;
  out.ended_at = row.until;
  out.verified_by = row.verified_by;
  out.log_index = row.log_index;
  out.evidence = in.optional_string("evidence", {.min = 0, .max = 4000}).value_or("");
  out.recorded_by = in.optional_string("recorded_by", {.min = 0}).value_or("");
  if (const auto birthday = consent_birthday(services, child)) out.lapses_on = base::format_date(*birthday);
  out.active = (!row.until || *row.until > now) && below_consent_age(services, child, now);
  return out;
}

// The entries are about the child: the link is part of their record.
class GuardianChange : public LoggedChange {
 public:
  using LoggedChange::LoggedChange;

 protected:
  base::Result<std::uint64_t> note(storage::ChangeContext& context, const Caller& caller, const SubjectEntry& entry,
                                   const base::RecordId& id) {
    EntryFields fields;
    fields.event = audit::event::kSubjectUpdated;
    fields.caller = &caller;
    fields.resource = id.uuid();
    EGIDE_TRY(const auto index, append(context, fields, entry));
    return index;
  }
};

class AddChange final : public GuardianChange {
 public:
  AddChange(Services& services, const Caller& caller, const base::SubjectId& child, const NewGuardian& guardian)
      : GuardianChange(services), caller_(caller), child_(child), guardian_(guardian) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(child_));
    if (const auto guardian = services_.living(guardian_.guardian); !guardian)
      return base::invalid_field("/guardian", "is not a living person of this vault");
    storage::GuardianshipRepository guardianships(context.connection());
    EGIDE_TRY(const auto present, guardianships.of_child(child_));
    for (const auto& one : present)
      if (one.guardian == guardian_.guardian && !one.until) return base::conflict("This person is a guardian already");
    EGIDE_TRY(auto entry,
              SubjectEntry::prepare(services_, *state,
                                    R"({"guardian":")" + guardian_.guardian.str() + R"(","change":"added"})"));
    storage::GuardianshipRow row;
    row.id = base::RecordId(crypto::time_uuid(context.now()));
    row.child = child_;
    row.guardian = guardian_.guardian;
    row.since = context.now();
    row.verified_by = guardian_.verified_by;
    const nlohmann::json sealed = {{"evidence", guardian_.evidence},
                                   {"recorded_by", "a_" + base::to_base64url(caller_.actor)}};
    row.sealed = seal_field(services_, entry.dek(), child_, place_of(row.id), sealed.dump());
    EGIDE_TRY(row.log_index, note(context, caller_, entry, row.id));
    EGIDE_TRY_VOID(guardianships.insert(row));
    EGIDE_TRY(view_, to_view(services_, *state, entry.dek(), row, context.now()));
    return {};
  }
  Guardianship take() { return std::move(view_); }

 private:
  const Caller& caller_;
  base::SubjectId child_;
  const NewGuardian& guardian_;
  Guardianship view_;
};

class EndChange final : public GuardianChange {
 public:
  EndChange(Services& services, const Caller& caller, const base::RecordId& id)
      : GuardianChange(services), caller_(caller), id_(id) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::GuardianshipRepository guardianships(context.connection());
    EGIDE_TRY(auto row, guardianships.find(id_));
    if (!row) return base::not_found("There is no such guardianship");
    EGIDE_TRY(const auto state, services_.living(row->child));
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state,
                                                R"({"guardian":")" + row->guardian.str() + R"(","change":"ended"})"));
    EGIDE_TRY_VOID(guardianships.end(id_, context.now()));
    EGIDE_TRY([[maybe_unused]] const auto index, note(context, caller_, entry, id_));
    row->until = context.now();
    EGIDE_TRY(view_, to_view(services_, *state, entry.dek(), *row, context.now()));
    return {};
  }
  Guardianship take() { return std::move(view_); }

 private:
  const Caller& caller_;
  base::RecordId id_;
  Guardianship view_;
};

base::Result<void> check(const Services& services, const base::SubjectId& child, const NewGuardian& guardian) {
  std::vector<base::FieldError> mistakes;
  if (guardian.guardian == child) mistakes.push_back({"/guardian", "is the child itself", 0});
  if (guardian.verified_by != "known" && guardian.verified_by != "document_seen" &&
      guardian.verified_by != "shared_address")
    mistakes.push_back({"/verified_by", "must be one of known, document_seen, shared_address", 0});
  if (guardian.evidence.empty()) mistakes.push_back({"/evidence", "is required: what shows the parental authority", 0});
  EGIDE_TRY(const auto state, services.living(child));
  if (state->facts.birth_date && !below_consent_age(services, *state, services.clock->now()))
    return base::conflict("This person is of an age to consent alone");
  if (mistakes.empty()) return {};
  return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));
}

}  // namespace

base::Result<Guardianship> AddGuardian::execute(const Caller& caller, const base::SubjectId& child,
                                                const NewGuardian& guardian) {
  EGIDE_TRY_VOID(check(services_, child, guardian));
  AddChange change(services_, caller, child, guardian);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.take();
}

base::Result<std::vector<Guardianship>> ListGuardians::execute(const Caller& caller, const base::SubjectId& child) {
  EGIDE_TRY(const auto state, services_.living(child));
  EGIDE_TRY_VOID(log_consent_read(services_, caller, *state));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, child, state->keys));
  std::vector<storage::GuardianshipRow> rows;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(rows, storage::GuardianshipRepository(*reads).of_child(child));
  }
  std::vector<Guardianship> out;
  for (const auto& row : rows) {
    EGIDE_TRY(auto view, to_view(services_, *state, dek.expose_secret(), row, services_.clock->now()));
    out.push_back(std::move(view));
  }
  return out;
}

base::Result<Guardianship> EndGuardianship::execute(const Caller& caller, const base::RecordId& id) {
  EndChange change(services_, caller, id);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.take();
}

}  // namespace egide::vault
