// The id of a denial that consent can be asked for: half of it random, half a MAC over who was denied what until when.
// So a request for consent proves the denial it rests on, without a table of denials and across restarts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services.h"

namespace egide::vault {

struct DeniedAccess {
  std::string_view tool;
  base::SubjectId subject;
  std::string_view purpose;
  base::Timestamp until{};  // of the offer to ask
};

// `evaluation` with its second half replaced.
base::Uuid bind_denial(const Services& services, const base::Uuid& evaluation, const DeniedAccess& denied);
// `evaluation_id` as it stands in answers, in base32.
bool is_bound(const Services& services, std::string_view evaluation_id, const DeniedAccess& denied);

}  // namespace egide::vault
