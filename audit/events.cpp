#include <algorithm>
#include <array>

#include "egide/audit/disclosure_events.h"
#include "egide/audit/leaf.h"
#include "egide/audit/webhook_event_names.h"

namespace egide::audit {
namespace {

// Sorted by the compiler, so that the list can stand in the order of the header and the look-up is a binary search.
constexpr auto kEvents = [] {
  std::array list{event::kLogCreated,
                  event::kLogKey,
                  event::kLogPrune,
                  event::kLogRestore,
                  event::kSubjectCreated,
                  event::kSubjectUpdated,
                  event::kSubjectRead,
                  event::kSubjectLookup,
                  event::kSubjectErased,
                  event::kSubjectRestricted,
                  event::kSubjectRestrictionLifted,
                  event::kSubjectObjected,
                  event::kSubjectObjectionLifted,
                  event::kSubjectImported,
                  event::kConsentRequested,
                  event::kConsentGiven,
                  event::kConsentRefused,
                  event::kConsentWithdrawn,
                  event::kConsentChanged,
                  event::kNoticePublished,
                  event::kPurposeChanged,
                  event::kPolicyLoaded,
                  event::kAccessEvaluated,
                  event::kAccessSearched,
                  event::kRecordRead,
                  event::kPseudonymsRead,
                  event::kDatasetExported,
                  event::kDatasetPreviewed,
                  event::kDatasetTaken,
                  event::kReidentificationOpened,
                  event::kReidentificationApproved,
                  event::kReidentificationRead,
                  event::kDecisionRecorded,
                  event::kDecisionRead,
                  event::kDecisionReviewed,
                  event::kDecisionContested,
                  event::kDecisionOutcome,
                  event::kDecisionGap,
                  event::kRequestOpened,
                  event::kRequestChanged,
                  event::kPackageMade,
                  event::kPackageRead,
                  event::kReportMade,
                  event::kToolChanged,
                  event::kUserChanged,
                  event::kKeyRotated,
                  event::kServerStarted,
                  event::kWebhookChanged,
                  event::kWebhookAcknowledged};
  std::sort(list.begin(), list.end());
  return list;
}();

}  // namespace

bool is_known_event(std::string_view name) noexcept { return std::binary_search(kEvents.begin(), kEvents.end(), name); }

}  // namespace egide::audit
