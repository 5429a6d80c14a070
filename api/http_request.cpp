#include "egide/api/http_request.h"

#include <algorithm>

#include "chars.h"
#include "egide/base/json.h"
#include "forward_answer.h"

namespace egide::api {
namespace {

// Escapes decoded once. HttpGuard has made sure that they are sound; a text that did not pass it is left as it is.
std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(plus_is_space && c == '+' ? ' ' : c);
    }
  }
  return out;
}

bool is_clean(const std::string& text) noexcept {
  return base::is_valid_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
         });
}

}  // namespace

base::Result<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name = decode(pair.substr(0, equals), true);
    std::string value = equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1), true);
    if (!is_clean(name) || !is_clean(value)) return base::invalid_request("The query is not clean UTF-8");
    if (query.get(name)) return base::invalid_request("A query parameter is given twice");
    query.values_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const noexcept {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

base::Result<void> Query::allow_only(const std::vector<std::string>& known) const {
  for (const auto& [key, value] : values_) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return base::invalid_request("A query parameter is not known here");
  }
  return {};
}

base::Result<HttpRequest> HttpRequest::from(const RawRequest& raw, std::string_view remote_address,
                                            std::string_view request_id, std::string_view peer_address) {
  HttpRequest request;
  request.raw_ = &raw;
  request.remote_address_ = remote_address;
  request.request_id_ = request_id;
  request.peer_address_ = peer_address;
  auto path = raw.path();
  if (!path.empty()) path.remove_prefix(1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    std::string segment = decode(path.substr(0, slash), false);
    // A dot segment means another path to whoever resolves it first.
    if (!is_clean(segment) || segment == "." || segment == "..")
      return base::invalid_request("The path is not clean UTF-8 without dot segments");
    request.segments_.push_back(std::move(segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) request.segments_.emplace_back();  // "/a/" is not "/a"
  }
  if (is_forward_path(raw.path())) return request;
  EGIDE_TRY(request.query_, Query::parse(raw.query()));
  return request;
}

std::size_t HttpRequest::count_of(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(raw_->fields.begin(), raw_->fields.end(),
                    [&](const RawRequest::Field& field) { return equal_ignoring_case(raw_->text(field.name), name); }));
}

}  // namespace egide::api
