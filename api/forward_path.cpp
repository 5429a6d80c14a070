#include "forward_path.h"

#include <re2/re2.h>

#include "chars.h"
#include "egide/base/json.h"
#include "forward_answer.h"

namespace egide::api {
namespace {

constexpr std::int64_t kPatternMemory = 1 << 20;

// What follows http://host; an origin form as it is.
std::string_view without_authority(std::string_view uri) noexcept {
  const auto scheme = uri.find("://");
  if (uri.starts_with('/') || scheme == std::string_view::npos) return uri;
  const auto slash = uri.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view() : uri.substr(slash);
}

// Nothing for a sequence that is no escape, or one that stands for what separates, ends or escapes.
std::optional<std::string> decode(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%') {
      if (i + 2 >= path.size() || hex_value(path[i + 1]) < 0 || hex_value(path[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
      i += 2;
      if (c == '/' || c == '%' || c == '?' || c == '#' || c == ';') return std::nullopt;
    }
    if (c == '\\' || c == '#' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out.push_back(c);
  }
  if (!base::is_valid_utf8(out)) return std::nullopt;
  return out;
}

bool is_dots(std::string_view segment) noexcept {
  segment = segment.substr(0, segment.find(';'));
  return segment == "." || segment == "..";
}

// The suffix of the address, "/people/7" of /gateway/forward/app/people/7; nothing where there is none.
std::optional<std::string_view> suffix_of(std::string_view path) noexcept {
  for (std::size_t i = 0; i < kForwardSegments; ++i) {
    const auto slash = path.find('/', 1);
    if (slash == std::string_view::npos) return std::nullopt;
    path.remove_prefix(slash);
  }
  return path;
}

}  // namespace

std::optional<std::string> plain_path(std::string_view uri) {
  auto path = without_authority(uri);
  path = path.substr(0, path.find('?'));
  if (!path.starts_with('/')) return std::nullopt;
  auto decoded = decode(path);
  if (!decoded) return std::nullopt;
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    if (is_dots(segment) || (segment.empty() && !rest.empty())) return std::nullopt;
  }
  return decoded;
}

std::optional<std::string> original_path(const HttpRequest& request) {
  std::optional<std::string> found;
  for (const char* name : {"x-forwarded-uri", "x-original-uri"}) {
    if (request.count_of(name) == 0) continue;
    if (request.count_of(name) > 1) return std::nullopt;
    auto path = plain_path(*request.header(name));
    if (!path || (found && *found != *path)) return std::nullopt;
    found = std::move(path);
  }
  if (const auto suffix = suffix_of(request.path())) {
    auto path = plain_path(*suffix);
    if (!path || (found && *found != *path)) return std::nullopt;
    found = std::move(path);
  }
  return found;
}

struct PathPattern::Compiled {
  Compiled(const std::string& pattern, const RE2::Options& options) : expression(pattern, options) {}
  RE2 expression;
};

base::Result<PathPattern> PathPattern::compile(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);  // they would quote
  options.set_max_mem(kPatternMemory);
  const auto compiled = std::make_shared<const Compiled>(pattern, options);
  if (!compiled->expression.ok()) return base::invalid_request("is no pattern that RE2 takes");
  if (compiled->expression.NumberOfCapturingGroups() != 1)
    return base::invalid_request("must have one group, which is the person; write (?:...) for others");
  return PathPattern(compiled);
}

std::optional<std::string> PathPattern::person_in(const std::string& path) const {
  std::string person;
  if (!RE2::FullMatch(path, compiled_->expression, &person)) return std::nullopt;
  return person;
}

}  // namespace egide::api
