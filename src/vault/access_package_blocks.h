// The eight blocks of GDPR 15(1)(a) to (h): each with items, or with the reason why there are none.
#pragma once

#include "access_package_copy.h"

namespace egide::vault {

// {"a": {...}, ..., "h": {...}}
PackageJson access_blocks(const Services& services, const PersonCopy& copy);

// The purposes that concern this person: based on something else than consent and covering data held about them, or
// consented to at any time, or named by an entry about them.
struct ConcernedPurpose {
  const policies::Purpose* purpose = nullptr;
  bool declared = false, consented = false, used = false;
};
std::vector<ConcernedPurpose> concerned_purposes(const Services& services, const PersonCopy& copy);
bool covers_any(const policies::Purpose& purpose, const std::vector<HeldAttribute>& attributes);

}  // namespace egide::vault
