#include "search_page.h"

#include <algorithm>
#include <charconv>

#include "egide/vault/cursors.h"
#include "services.h"

namespace egide::vault {
namespace {

std::string filter_of(const PageRequest& page) { return "authzen-search/" + page.query; }

// Can't happen to a token that is authentic, unless it was made by another version.
base::Error other_version() { return base::invalid_field("/page/token", "is not one of this search, or has expired"); }

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "<limit>|<total>|<place>"; no limit: the next page may choose its own.
base::Result<PageStart> parse(std::string_view position) {
  PageStart out;
  const auto first = position.find('|');
  const auto second = first == std::string_view::npos ? first : position.find('|', first + 1);
  if (second == std::string_view::npos) return other_version();
  if (first > 0) {
    const auto limit = number_of(position.substr(0, first));
    if (!limit) return other_version();
    out.limit = *limit;
    out.limit_is_set = true;
  }
  out.total = number_of(position.substr(first + 1, second - first - 1));
  if (!out.total) return other_version();
  out.place = position.substr(second + 1);
  return out;
}

}  // namespace

base::Result<PageStart> open_page(const Services& services, const Caller& caller, const PageRequest& page) {
  std::optional<std::uint64_t> wanted = page.limit;
  if (wanted) *wanted = std::min(*wanted, kMaxPage);
  PageStart out;
  if (!page.token.empty()) {
    const auto position = CursorSealer(services).open(caller, filter_of(page), page.token);
    if (!position)
      return base::invalid_field("/page/token",
                                 "is not one of this search: it was altered, has expired, or the search was changed");
    EGIDE_TRY(out, parse(*position));
    if (out.limit_is_set) {
      if (wanted && *wanted != out.limit) return base::invalid_field("/page/limit", "is not that of the first page");
      return out;
    }
  }
  if (wanted) out.limit = *wanted;
  out.limit_is_set = out.limit != 0;
  return out;
}

std::string next_token(const Services& services, const Caller& caller, const PageRequest& page, const PageStart& start,
                       std::uint64_t total, const std::string& place) {
  const std::string limit = start.limit_is_set ? std::to_string(start.limit) : std::string();
  return CursorSealer(services).seal(caller, filter_of(page), limit + "|" + std::to_string(total) + "|" + place);
}

base::Result<Slice> slice_of(const PageStart& start, std::size_t size) {
  Slice out;
  if (!start.place.empty()) {
    const auto at = number_of(start.place);
    if (!at) return other_version();
    out.first = static_cast<std::size_t>(std::min<std::uint64_t>(*at, size));
  }
  out.end = out.first + static_cast<std::size_t>(std::min<std::uint64_t>(start.limit, size - out.first));
  return out;
}

}  // namespace egide::vault
