#include "handlers/paging.h"

#include <charconv>

#include "egide/vault/cursors.h"

namespace egide::api {
namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// Can't happen to a cursor that is authentic, unless it was made by another version.
base::Error other_version() { return base::invalid_request("The cursor is not one of this list, or has expired"); }

}  // namespace

base::Result<std::optional<std::string>> Paging::position() const {
  const auto cursor = in_.request().query().get("cursor");
  if (!cursor) return std::optional<std::string>();
  EGIDE_TRY(auto text, vault::CursorSealer(ports_.services()).open(vault_caller(in_), filter_, *cursor));
  return std::optional<std::string>(std::move(text));
}

base::Result<std::optional<TimePosition>> Paging::after() const {
  EGIDE_TRY(const auto text, position());
  if (!text) return std::optional<TimePosition>();
  const auto colon = text->find(':');
  if (colon == std::string::npos) return other_version();
  const auto ms = number_of<std::int64_t>(std::string_view(*text).substr(0, colon));
  const auto id = base::RecordId::parse(std::string_view(*text).substr(colon + 1));
  if (!ms || !id) return other_version();
  return std::optional<TimePosition>(TimePosition(base::Timestamp(std::chrono::milliseconds(*ms)), *id));
}

base::Result<std::optional<std::uint64_t>> Paging::from() const {
  EGIDE_TRY(const auto text, position());
  if (!text) return std::optional<std::uint64_t>();
  const auto index = number_of<std::uint64_t>(*text);
  if (!index) return other_version();
  return std::optional<std::uint64_t>(*index);
}

void Paging::put(Document& document, const std::string& position) const {
  document["next_cursor"] = vault::CursorSealer(ports_.services()).seal(vault_caller(in_), filter_, position);
}

void Paging::put_next(Document& document, const std::optional<TimePosition>& next) const {
  if (next) put(document, std::to_string(next->first.time_since_epoch().count()) + ":" + next->second.str());
}

void Paging::put_next(Document& document, std::uint64_t next) const { put(document, std::to_string(next)); }

void add_to_filter(std::string& filter, std::string_view name, std::string_view value) {
  filter.append(name).append("=").append(std::to_string(value.size())).append(":").append(value).append(";");
}

std::string query_text(const RequestContext& in, std::string_view name) {
  return std::string(in.request().query().get(name).value_or(std::string_view()));
}

}  // namespace egide::api
