#include "access_package.h"
#include "egide/crypto/hash.h"
#include "entries.h"
#include "request_chain.h"
#include "request_record.h"
#include "request_states.h"

namespace egide::vault {
namespace {

base::Error erased() { return {base::ErrorCode::Gone, "This person has been erased"}; }

// package.read, and the system's step to `delivered` where the person fetched the answer of a fulfilled request.
class PackageReadChange final : public LoggedChange {
 public:
  PackageReadChange(Services& services, const Caller& caller, const base::RecordId& id)
      : LoggedChange(services), caller_(caller), id_(id) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::RequestRepository requests(context.connection());
    EGIDE_TRY(const auto row, find_request(caller_, requests, id_));
    if (!row.subject) return erased();
    EGIDE_TRY(const auto state, services_.living(*row.subject));
    EntryFields fields;
    fields.event = audit::event::kPackageRead;
    fields.caller = &caller_;
    fields.resource = id_.uuid();
    fields.outcome = audit::Outcome::Allow;
    EGIDE_TRY(const auto entry, SubjectEntry::prepare(services_, *state, R"({"request":")" + id_.str() + "\"}"));
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry));
    if (caller_.subject && row.state == name_of(RequestState::Fulfilled))
      return deliver(context, requests, row, *state);
    return {};
  }

 private:
  base::Result<void> deliver(storage::ChangeContext& context, storage::RequestRepository& requests,
                             const storage::RequestRow& row, const SubjectState& state) {
    EGIDE_TRY(const auto history, requests.transitions(id_));
    EntryFields fields;
    fields.event = audit::event::kRequestChanged;
    fields.resource = id_.uuid();
    EGIDE_TRY(const auto entry,
              SubjectEntry::prepare(services_, state, request_detail(row, name_of(RequestState::Delivered), nullptr)));
    storage::TransitionRow step;
    step.request = id_;
    step.number = static_cast<int>(history.size()) + 1;
    step.from = row.state;
    step.to = name_of(RequestState::Delivered);
    step.at = context.now();
    step.actor = system_actor();
    EGIDE_TRY(step.log_index, append(context, fields, entry));
    EGIDE_TRY_VOID(requests.append_transition(step));
    return requests.move(id_, row.version, step.to, std::nullopt);
  }
  const Caller& caller_;
  base::RecordId id_;
};

base::Result<PackageDocument> receipt_document(Services& services, const Caller& caller,
                                               const storage::RequestRow& row) {
  EGIDE_TRY_VOID(log_plain_read(services, caller, audit::event::kPackageRead));
  EGIDE_TRY(const auto receipt, make_erasure_receipt(services, *row.receipt_index));
  PackageDocument out;
  out.media_type = "application/json";
  out.filename = "egide-erasure-" + std::to_string(receipt.log_index) + ".json";
  out.body = to_json(receipt);
  out.sha256 = base::to_hex(crypto::sha256(base::as_bytes(out.body)));
  out.created_at = receipt.erased_at;
  return out;
}

}  // namespace

base::Result<PackageDocument> GetPackage::execute(const Caller& caller, const base::RecordId& request) {
  if (caller.role == Role::Auditor)
    return base::forbidden("A package is for the person and the data protection officer");
  storage::RequestRow row;
  std::optional<storage::PackageRow> package;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    const storage::RequestRepository requests(*reads);
    EGIDE_TRY(row, find_request(caller, requests, request));
    EGIDE_TRY(package, requests.package(request));
  }
  if (row.receipt_index) return receipt_document(services_, caller, row);
  if (!package) {
    EGIDE_TRY(const auto state, state_of(row));
    const bool had_one = !row.subject && (state == RequestState::Fulfilled || state == RequestState::Delivered);
    if (had_one) return erased();
    return base::not_found("This request has no package yet");
  }
  // Opened before the entry, so that no entry tells of bytes that could not be read; given after it.
  EGIDE_TRY(const auto state, services_.living(package->subject));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state->id, state->keys));
  PackageDocument out;
  EGIDE_TRY(out.body, open_package(services_, dek.expose_secret(), *package));
  out.media_type = "application/json";
  out.filename = "egide-" + request.str() + ".json";
  out.sha256 = base::to_hex(package->sha256);
  out.created_at = package->created_at;
  PackageReadChange change(services_, caller, request);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return out;
}

}  // namespace egide::vault
