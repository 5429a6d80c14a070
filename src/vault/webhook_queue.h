// Queues webhook events inside the change that causes them: event and cause are in one transaction, so that a crash
// loses neither and a change that is rolled back tells nobody.
//
//   WebhookQueue(services_, context).consent(row)      in apply(), after the entry has its index
//
// Bodies hold ids only; a tool hears of a person under the pseudonym made for it and the purpose, and only of people
// and purposes it is granted.
//
// Thread safety: on the committer's thread, for the time of one change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/audit/leaf.h"
#include "egide/storage/committer.h"
#include "egide/storage/consent_repository.h"
#include "egide/storage/decision_repository.h"
#include "egide/storage/request_repository.h"
#include "egide/storage/webhook_repository.h"
#include "services.h"

namespace egide::vault {

class WebhookQueue {
 public:
  WebhookQueue(Services& services, storage::ChangeContext& context) : services_(services), context_(context) {}

  // Of a consent's row, its log index included. Nothing for events that nobody is told ("deferred").
  base::Result<void> consent(const storage::ConsentEventRow& row);
  base::Result<void> subject_created(const SubjectState& state, audit::LeafIndex index);
  // To tools that may hold one of these categories.
  base::Result<void> subject_rectified(const SubjectState& state, const std::vector<std::string>& categories,
                                       audit::LeafIndex index);
  base::Result<void> subject_restricted(const SubjectState& state, audit::LeafIndex index);
  base::Result<void> subject_objected(const SubjectState& state, policies::PurposeIndex purpose,
                                      audit::LeafIndex index);
  // `state` as it was before. Drops what is queued about the person, whose id stands in no row afterwards.
  base::Result<void> subject_erased(const SubjectState& state, audit::LeafIndex index,
                                    const std::optional<base::RecordId>& request = std::nullopt);
  base::Result<void> notice_published(policies::PurposeIndex purpose, int version, bool material,
                                      audit::LeafIndex index);
  // Of a request that has come to `state`.
  base::Result<void> request(const storage::RequestRow& row, std::string_view state, audit::LeafIndex index);
  base::Result<void> decision_recorded(const storage::DecisionRow& row);
  base::Result<void> tool_revoked(const std::string& tool, audit::LeafIndex index);

 private:
  struct Endpoint {
    base::RecordId id;
    std::string tool;                // empty: the association's own
    std::vector<std::string> types;  // empty: all that its owner may get
  };
  struct Event {
    std::string_view type;
    std::string members;  // of `data`, each with a comma before it
    audit::LeafIndex index = 0;
    std::optional<base::SubjectId> subject;
  };
  // An event about a person, for each purpose for which a tool may know them.
  struct About {
    std::string_view type;
    const SubjectState& state;
    audit::LeafIndex index = 0;
    std::optional<policies::PurposeIndex> purpose{};        // that one only
    const std::vector<std::string>* categories = nullptr;   // those only of which the purpose knows one
    bool lists_purposes = false, lists_categories = false;  // members of `data`
    std::optional<base::RecordId> request{};
    bool keeps_subject = true;
  };
  base::Result<void> load();
  base::Result<void> put(const Endpoint& endpoint, const Event& event);
  base::Result<void> to_owner(const std::string& tool, const Event& event);
  base::Result<void> about_person(const About& about);
  base::Result<void> about_person(const About& about, const Endpoint& endpoint, const policies::ToolGrant& grant);

  Services& services_;
  storage::ChangeContext& context_;
  bool loaded_ = false;
  std::vector<Endpoint> endpoints_;
};

// A challenge for an endpoint that is new or changed; due at once.
base::Result<void> queue_webhook_test(storage::Connection& connection, const base::RecordId& endpoint,
                                      base::Timestamp now);

}  // namespace egide::vault
