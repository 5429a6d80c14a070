#include "egide/api/media_type.h"

#include <string>

namespace egide::api {
namespace {

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part of `list` up to `separator`, removed from it.
std::string_view take(std::string_view& list, char separator) noexcept {
  const auto end = list.find(separator);
  const auto part = list.substr(0, end);
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  return trim(part);
}

bool weight_is_zero(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    const auto parameter = take(parameters, ';');
    if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=') continue;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

enum class Match { None, Any, Kind, Exact };

// How closely `range` names the media type.
Match match(std::string_view range, std::string_view media_type) noexcept {
  if (equal_ignoring_case(range, media_type)) return Match::Exact;
  if (range == "*/*") return Match::Any;
  const auto slash = media_type.find('/');
  if (range.size() == slash + 2 && range.back() == '*' &&
      equal_ignoring_case(range.substr(0, slash + 1), media_type.substr(0, slash + 1)))
    return Match::Kind;
  return Match::None;
}

// The closest range decides (RFC 9110, 12.5.1).
bool accepted(std::string_view accept, std::string_view media_type, Match least) noexcept {
  Match best = Match::None;
  bool wanted = false;
  while (!accept.empty()) {
    auto element = take(accept, ',');
    const auto range = take(element, ';');
    const Match found = match(range, media_type);
    if (found > best) {
      best = found;
      wanted = !weight_is_zero(element);
    }
  }
  return best >= least && wanted;
}

}  // namespace

bool is_media_type(std::string_view content_type, std::string_view media_type) noexcept {
  return equal_ignoring_case(take(content_type, ';'), media_type);
}

bool accepts(const HttpRequest& request, std::string_view media_type) noexcept {
  const auto accept = request.header("accept");
  return !accept || trim(*accept).empty() || accepted(*accept, media_type, Match::Any);
}

bool asks_for(const HttpRequest& request, std::string_view media_type) noexcept {
  const auto accept = request.header("accept");
  return accept && accepted(*accept, media_type, Match::Exact);
}

}  // namespace egide::api
