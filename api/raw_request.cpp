#include "egide/api/raw_request.h"

namespace egide::api {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view RawRequest::path() const noexcept {
  const auto all = target();
  return all.substr(0, all.find('?'));
}

std::string_view RawRequest::query() const noexcept {
  const auto all = target();
  const auto mark = all.find('?');
  return mark == std::string_view::npos ? std::string_view() : all.substr(mark + 1);
}

std::optional<std::string_view> RawRequest::header(std::string_view name) const noexcept {
  for (const auto& field : fields) {
    if (equal_ignoring_case(text(field.name), name)) return text(field.value);
  }
  return std::nullopt;
}

void RawRequest::clear() noexcept {
  method = Method::Get;
  minor_version = 1;
  keep_alive = true;
  head.clear();
  request_target = {};
  fields.clear();
  body.clear();
  // One large body must not keep its memory for as long as the connection lives.
  if (body.capacity() > (64U << 10)) std::string().swap(body);
}

}  // namespace egide::api
