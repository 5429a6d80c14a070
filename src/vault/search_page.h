// Pages of a search: what a token holds, and how its limit goes with the request's.
#pragma once

#include <optional>
#include <string>

#include "egide/vault/search_access.h"

namespace egide::vault {

// Where a page begins. Read from its token, or the first one.
struct PageStart {
  std::uint64_t limit = kDefaultPage;  // of this page
  bool limit_is_set = false;           // false: the next page may choose its own
  std::optional<std::uint64_t> total;  // counted by the first page
  std::string place;                   // behind which the page begins; empty: at the first result
};

// InvalidRequest as SearchAccess says.
base::Result<PageStart> open_page(const Services& services, const Caller& caller, const PageRequest& page);
std::string next_token(const Services& services, const Caller& caller, const PageRequest& page, const PageStart& start,
                       std::uint64_t total, const std::string& place);

// The page of a list that is small enough to be made whole each time; its places are positions.
struct Slice {
  std::size_t first = 0, end = 0;
};
base::Result<Slice> slice_of(const PageStart& start, std::size_t size);

}  // namespace egide::vault
