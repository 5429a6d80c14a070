// CursorSealer makes the cursors of lists: opaque, authenticated, bound to the caller and the filter, good for a day.
// A cursor says where to go on and nothing else; it is no key to what the caller could not list without it.
//
// Thread safety: may be called from many threads.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

class CursorSealer {
 public:
  explicit CursorSealer(const Services& services) : services_(services) {}

  // `filter`: everything that decides which items the list has. `position`: where the list goes on.
  std::string seal(const Caller& caller, std::string_view filter, std::string_view position) const;
  // The position. InvalidRequest, always in the same words, for a cursor that is forged, expired, or was made for
  // another caller or another filter.
  base::Result<std::string> open(const Caller& caller, std::string_view filter, std::string_view cursor) const;

 private:
  const Services& services_;
};

}  // namespace egide::vault
