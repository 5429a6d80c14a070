#include "erase_subject.h"
#include "request_change.h"
#include "request_record.h"

namespace egide::vault {
namespace {

bool makes_a_package(const CheckedTransition& transition) {
  return transition.to == RequestState::Fulfilled &&
         (transition.type == RequestType::Access || transition.type == RequestType::Portability);
}

}  // namespace

base::Result<TransitionResult> TransitionRequest::execute(const Caller& caller, const base::RecordId& id,
                                                          const NewTransition& transition) {
  storage::RequestRow row;
  bool with_package = false;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    const storage::RequestRepository requests(*reads);
    EGIDE_TRY(row, find_request(caller, requests, id));
    EGIDE_TRY(const auto history, requests.transitions(id));
    EGIDE_TRY(const auto checked, check_transition(services_, caller, row, history, transition));
    with_package = makes_a_package(checked);
  }
  std::optional<PackageBytes> package;
  if (with_package) {
    // Here and not on the committer's thread: reading all of a person takes longer than others should wait.
    EGIDE_TRY(package, build_package(services_, row));
  }
  TransitionChange change(services_, caller, id, transition, std::move(package));
  EGIDE_TRY_VOID(services_.committer->commit(change));

  TransitionResult out;
  if (const auto erased_at = change.erased_at()) {
    out.history_purged = purge_after_erasure(services_);
    EGIDE_TRY(out.receipt, make_erasure_receipt(services_, *erased_at));
  }
  EGIDE_TRY(out.request, read_whole_request(services_, caller, id));
  return out;
}

}  // namespace egide::vault
