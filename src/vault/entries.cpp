#include "entries.h"

#include "egide/crypto/random.h"
#include "egide/crypto/record.h"

namespace egide::vault {
namespace {

base::Bytes detail_ad(const Services& services, const base::SubjectId& subject, const base::RecordId& record) {
  const std::string record_text = record.str();
  const std::string subject_text = subject.str();
  crypto::RecordPlace place;
  place.tenant = services.tenant;
  place.table = "entry_detail";
  place.record = record_text;
  place.field = "detail";
  place.subject = subject_text;
  return crypto::record_ad(place);
}

}  // namespace

base::Result<SubjectEntry> SubjectEntry::prepare_unstored(const Services& services, const SubjectState& state,
                                                          std::string_view detail, const base::Hash32& r32) {
  EGIDE_TRY(auto dek, crypto::unwrap_dek(services.epoch_keys, state.id, state.keys));
  EGIDE_TRY(auto kaudit, crypto::unwrap_kaudit(services.epoch_keys, state.id, state.keys));
  SubjectEntry entry(state.id, std::move(dek), std::move(kaudit));
  entry.r32_ = r32;
  entry.detail_ = detail;
  return entry;
}

base::Result<SubjectEntry> SubjectEntry::prepare(const Services& services, const SubjectState& state,
                                                 std::string_view detail) {
  EGIDE_TRY(auto entry, prepare_unstored(services, state, detail, crypto::random_array<32>()));
  entry.record_ = base::RecordId(crypto::random_uuid());
  base::Bytes plain = base::to_bytes(entry.r32_);
  const auto text = base::as_bytes(detail);
  plain.insert(plain.end(), text.begin(), text.end());
  entry.sealed_ = crypto::seal_record(entry.dek(), detail_ad(services, state.id, entry.record_), plain);
  return entry;
}

void SubjectEntry::fill(storage::EntryDraft& draft) const {
  draft.kaudit = kaudit_.expose_secret();
  draft.subject = subject_;
  draft.r32 = r32_;
  draft.detail = base::as_bytes(detail_);
  draft.sealed_detail = sealed_;
  draft.detail_record = record_;
}

base::Result<std::string> open_detail(const Services& services, const SubjectState& state, const base::RecordId& record,
                                      base::ByteView sealed) {
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, state.id, state.keys));
  EGIDE_TRY(const auto plain, crypto::open_record(dek.expose_secret(), detail_ad(services, state.id, record), sealed));
  if (plain.size() < 32) return base::integrity_violation("A stored detail is too short");
  return std::string(base::as_text(plain).substr(32));
}

storage::EntryDraft LoggedChange::draft(const EntryFields& fields) const {
  storage::EntryDraft out;
  out.leaf.event = fields.event;
  if (fields.caller != nullptr) {
    if (fields.caller->subject)
      out.leaf.actor_is_self = true;
    else
      out.leaf.actor = fields.caller->actor;
  }
  out.leaf.purpose = fields.purpose;
  out.leaf.legal_basis = fields.legal_basis;
  out.leaf.outcome = fields.outcome;
  if (fields.with_policy) out.leaf.policy = services_.pack->revision();
  if (fields.policy != nullptr) out.leaf.policy = *fields.policy;
  out.leaf.size = fields.size;
  out.leaf.request = fields.request ? fields.request->bytes() : crypto::random_array<16>();
  return out;
}

base::Result<audit::LeafIndex> LoggedChange::append(storage::ChangeContext& context, const EntryFields& fields) {
  return context.append(draft(fields));
}

base::Result<audit::LeafIndex> LoggedChange::append(storage::ChangeContext& context, const EntryFields& fields,
                                                    const SubjectEntry& entry) {
  // An erasure may have come between: a detail row would name a person who is no longer there. A person being
  // registered has no state yet.
  const auto state = services_.subjects.find(entry.subject());
  if (state != nullptr && state->erased) return base::Error(base::ErrorCode::Gone, "This person has been erased");
  storage::EntryDraft out = draft(fields);
  entry.fill(out);
  out.resource = fields.resource;
  out.previous = services_.subjects.last_entry(entry.subject());
  for (const auto& [subject, head] : heads_)
    if (subject == entry.subject()) out.previous = head;
  EGIDE_TRY(const audit::LeafIndex index, context.append(out));
  heads_.emplace_back(entry.subject(), index + 1);
  return index;
}

void LoggedChange::on_applied() noexcept {
  publish();  // first: a new person has no place for a chain before
  for (const auto& [subject, head] : heads_) services_.subjects.set_last_entry(subject, head);
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20) {
      out += "\\u00";
      out += kHex[u >> 4];
      out += kHex[u & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace egide::vault
