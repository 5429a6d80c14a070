// Purposes and the notices people are shown (GDPR Art. 13; docs/formats/consent.md, "Notices"). A notice is never
// edited: each change is a new version, and every version that was shown stays readable.
//
// Thread safety: may be called from many threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

struct NoticeView {
  std::string purpose;
  int version = 1;
  std::map<std::string, std::string> texts;   // by language
  std::map<std::string, std::string> sha256;  // of each text as shown (UTF-8, LF), hex
  std::string summary;                        // what changed
  bool material = false;
  int oldest_acceptable = 1;                 // consents given to an older text no longer count
  std::optional<base::Timestamp> issued_at;  // nothing: came with the policy pack
};

class ListNotices {
 public:
  explicit ListNotices(Services& services) : services_(services) {}
  // Oldest first. NotFound: no such purpose.
  base::Result<std::vector<NoticeView>> execute(const std::string& purpose) const;

 private:
  Services& services_;
};

struct NewNotice {
  std::map<std::string, std::string> texts;  // fr and en needed; other languages welcome
  std::string summary;
  bool material = false;  // purpose, categories, recipients, retention or automation changed: consents are renewed
};

class PublishNotice {
 public:
  explicit PublishNotice(Services& services) : services_(services) {}
  // The next version. NotFound: no such purpose. InvalidRequest: a text is missing, empty or longer than 20,000 bytes.
  base::Result<NoticeView> execute(const Caller& caller, const std::string& purpose, const NewNotice& notice);

 private:
  Services& services_;
};

struct PurposeView {
  std::string id;
  bool is_ai = false;
  std::map<std::string, std::string> label, description;  // by language
  std::string legal_basis;                                // DPV id
  std::vector<std::string> data_subjects, data_categories, forbidden_categories, rights;
  std::string automation, effect;  // "human_confirms", "minor"
  std::string objection, minors;   // "absolute", "guardian_below_age"
  struct Consent {
    bool explicit_consent = false;
    bool double_opt_in = false;
  };
  std::optional<Consent> consent;  // nothing: not based on consent
  NoticeView notice;               // the current one
};

class GetPurpose {
 public:
  explicit GetPurpose(Services& services) : services_(services) {}
  base::Result<PurposeView> execute(const std::string& id) const;  // NotFound

 private:
  Services& services_;
};

class ListPurposes {
 public:
  explicit ListPurposes(Services& services) : services_(services) {}
  std::vector<PurposeView> execute() const;  // in the pack's order

 private:
  Services& services_;
};

}  // namespace egide::vault
