// People: register, read, correct, look up. Attribute values are JSON (text, lists of texts, numbers) keyed by
// fideslang category; they are sealed under the person's key before they reach storage.
//
// Thread safety: may be called from many threads.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

// Category -> value. Personal data: never logged, never in an error.
using Attributes = std::map<std::string, nlohmann::json>;

// Looked up exactly: the e-mail (user.contact.email), and the organisation's own number for the person.
inline constexpr const char* kReferenceCategory = "user.unique_id";

struct SubjectRecord;  // in subject_record.h

// Checks category keys, types, lengths and the date of birth; the mistakes with their pointers below `pointer`.
base::Result<void> check_attributes(const Attributes& attributes, const std::string& pointer, base::Timestamp now);

class RegisterSubject {
 public:
  explicit RegisterSubject(Services& services) : services_(services) {}
  // Conflict when a living person has this e-mail or reference.
  base::Result<base::SubjectId> execute(const Caller& caller, const Attributes& attributes, const std::string& locale,
                                        const std::string& source);

 private:
  Services& services_;
};

class GetSubject {
 public:
  explicit GetSubject(Services& services) : services_(services) {}
  // `reason`: the stated purpose of the look (X-Purpose), kept in the entry's detail. Gone when erased. A restricted
  // person's values are not shown to staff: `restricted` is set and `attributes` empty.
  base::Result<SubjectRecord> execute(const Caller& caller, const base::SubjectId& id, const std::string& reason);

 private:
  Services& services_;
};

class UpdateSubject {
 public:
  explicit UpdateSubject(Services& services) : services_(services) {}
  // `changes`: null removes an attribute. Precondition when `expected_version` is stale. The new version.
  base::Result<std::int64_t> execute(const Caller& caller, const base::SubjectId& id, std::int64_t expected_version,
                                     const Attributes& changes, const std::string& source);

 private:
  Services& services_;
};

class LookupSubject {
 public:
  explicit LookupSubject(Services& services) : services_(services) {}
  // By e-mail or reference (exactly one given). Nothing when no living person has it. The look-up is logged.
  base::Result<std::optional<base::SubjectId>> by_email(const Caller& caller, const std::string& email);
  base::Result<std::optional<base::SubjectId>> by_reference(const Caller& caller, const std::string& reference);

 private:
  Services& services_;
};

}  // namespace egide::vault
