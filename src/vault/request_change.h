// One transition of a request with its effect, as one change.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "access_package.h"
#include "egide/storage/request_repository.h"
#include "entries.h"
#include "request_states.h"

namespace egide::vault {

// What the table, the caller's role and the transition's needs say; the state it leads to. On a row just read: run on a
// snapshot first, so that a wrong wish costs no write, and again inside the change.
struct CheckedTransition {
  RequestType type;
  RequestState from, to;
};
base::Result<CheckedTransition> check_transition(const Services& services, const Caller& caller,
                                                 const storage::RequestRow& row,
                                                 const std::vector<storage::TransitionRow>& history,
                                                 const NewTransition& wanted);

class TransitionChange final : public LoggedChange {
 public:
  // `package`: of an access or portability request to be fulfilled.
  TransitionChange(Services& services, const Caller& caller, const base::RecordId& id, const NewTransition& wanted,
                   std::optional<PackageBytes> package)
      : LoggedChange(services), caller_(caller), id_(id), wanted_(wanted), package_(std::move(package)) {}

  base::Result<void> apply(storage::ChangeContext& context) override;
  // Of an erasure.
  std::optional<audit::LeafIndex> erased_at() const noexcept { return erased_at_; }

 private:
  base::Result<void> take_effect(storage::ChangeContext& context, RequestType type);
  base::Result<void> restrict_person(storage::ChangeContext& context);
  base::Result<void> record_objections(storage::ChangeContext& context);
  base::Result<void> withdraw_consents(storage::ChangeContext& context);
  base::Result<void> withdraw_one(storage::ChangeContext& context, policies::PurposeIndex purpose);
  base::Result<void> erase_person(storage::ChangeContext& context);
  base::Result<void> store_package(storage::ChangeContext& context);
  base::Result<audit::LeafIndex> append_transition_entry(storage::ChangeContext& context);

  // An entry about the person that names this request.
  base::Result<SubjectEntry> entry(const std::string& detail) const;
  std::string request_only_detail() const { return R"({"request":")" + id_.str() + "\"}"; }
  base::Result<RequestScope> scope() const;
  SubjectState& next_state();
  void publish() noexcept override;

  const Caller& caller_;
  base::RecordId id_;
  const NewTransition& wanted_;
  std::optional<PackageBytes> package_;

  storage::RequestRow row_;
  SubjectStatePtr state_;                    // of the living person; nothing without one
  std::shared_ptr<SubjectState> next_;       // where an effect changes it
  std::optional<crypto::SecretKey> kaudit_;  // of the person being erased
  std::optional<audit::LeafIndex> erased_at_;
};

}  // namespace egide::vault
