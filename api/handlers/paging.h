// Cursors of lists: opaque to clients, bound to caller and filter (src/vault, cursors.h).
//
// Thread safety: as a plain value; one object a request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {

// The place in a list that is ordered by time and id.
using TimePosition = std::pair<base::Timestamp, base::RecordId>;

class Paging {
 public:
  // `filter` names the list and every parameter that decides what is in it.
  Paging(const RoutePorts& ports, const RequestContext& in, std::string filter)
      : ports_(ports), in_(in), filter_(std::move(filter)) {}

  // Where the request's `cursor` says to go on; nothing without one.
  base::Result<std::optional<TimePosition>> after() const;
  base::Result<std::optional<std::uint64_t>> from() const;
  // Adds `next_cursor`, unless the list has ended.
  void put_next(Document& document, const std::optional<TimePosition>& next) const;
  void put_next(Document& document, std::uint64_t next) const;

 private:
  base::Result<std::optional<std::string>> position() const;
  void put(Document& document, const std::string& position) const;
  const RoutePorts& ports_;
  const RequestContext& in_;
  std::string filter_;
};

// "name=value;" with the value's length before it, so that no two filters have one text.
void add_to_filter(std::string& filter, std::string_view name, std::string_view value);
std::string query_text(const RequestContext& in, std::string_view name);  // empty where absent

}  // namespace egide::api
