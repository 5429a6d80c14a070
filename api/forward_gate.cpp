#include "forward_gate.h"

#include <algorithm>

#include "chars.h"
#include "forward_jwt.h"

namespace egide::api {
namespace {

constexpr std::size_t kMaxPerson = 200;
constexpr std::size_t kMinSecret = 32;

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_header_name(std::string_view text) noexcept { return !text.empty() && text.size() <= 100 && all(text, kToken); }

// Ids and pseudonyms are words of these; an address of mail is none.
bool is_person(std::string_view text) noexcept { return text.size() <= kMaxPerson && is_name(text); }

bool is_ours(std::string_view header) noexcept { return equal_ignoring_case(header, "x-egide-key"); }

void check_person(const ForwardPerson& person, const std::string& at, std::vector<base::FieldError>& mistakes) {
  switch (person.source) {
    case ForwardPerson::Source::Header:
      if (!is_header_name(person.header) || is_ours(person.header))
        mistakes.push_back({at + "/header", "must be the name of a header that holds the person", 0});
      return;
    case ForwardPerson::Source::Jwt:
      if (!is_header_name(person.jwt.header) || is_ours(person.jwt.header))
        mistakes.push_back({at + "/jwt/header", "must be the name of a header that holds the token", 0});
      if (person.jwt.claim.empty()) mistakes.push_back({at + "/jwt/claim", "must name a claim", 0});
      if (person.jwt.algorithm == JwtAlgorithm::HS256 &&
          (person.jwt.secret == nullptr || person.jwt.secret->size() < kMinSecret))
        mistakes.push_back({at + "/jwt/key_file", "must hold a secret of at least 32 bytes", 0});
      return;
    case ForwardPerson::Source::Path:
      return;  // compiled by the caller
  }
}

// The token alone: after "Bearer " in Authorization, else the whole value.
std::string_view token_in(std::string_view value, std::string_view header) noexcept {
  constexpr std::string_view kBearer = "bearer ";
  if (!equal_ignoring_case(header, "authorization")) return value;
  if (value.size() < kBearer.size() || !equal_ignoring_case(value.substr(0, kBearer.size()), kBearer)) return {};
  return value.substr(kBearer.size());
}

ForwardGate::Found nobody(const char* why) { return {{}, why}; }

}  // namespace

ForwardGate::Found ForwardGate::find_person(const HttpRequest& request, base::Timestamp now) const {
  std::string person;
  const ForwardPerson& rules = profile.person;
  if (rules.source == ForwardPerson::Source::Path) {
    const auto path = original_path(request);
    if (!path) return nobody("person_ambiguous");
    auto found = pattern->person_in(*path);
    if (!found) return nobody("person_missing");
    person = std::move(*found);
  } else {
    const bool jwt = rules.source == ForwardPerson::Source::Jwt;
    const std::string& header = jwt ? rules.jwt.header : rules.header;
    const auto count = request.count_of(header);
    if (count > 1) return nobody("person_ambiguous");
    if (count == 0) return nobody("person_missing");
    if (jwt) {
      auto found = person_of_jwt(token_in(*request.header(header), header), rules.jwt, now);
      if (!found) return nobody("token_invalid");
      person = std::move(found).value();
    } else {
      person = std::string(*request.header(header));
    }
  }
  if (!is_person(person)) return nobody("person_missing");
  return {std::move(person), nullptr};
}

bool ForwardGate::handles(std::string_view action) const noexcept {
  return std::find(profile.handles.begin(), profile.handles.end(), action) != profile.handles.end();
}

base::Result<ForwardGates> ForwardGates::make(const ForwardOptions& options) {
  ForwardGates out;
  EGIDE_TRY(out.proxies_, ProxyAddresses::parse(options.trusted_proxies));
  std::vector<base::FieldError> mistakes;
  for (const ForwardProfile& profile : options.profiles) {
    const std::string at = "/profiles/" + profile.name;
    if (!is_name(profile.name)) mistakes.push_back({"/profiles", "must be named by letters, digits, '-' and '_'", 0});
    if (profile.tool.empty()) mistakes.push_back({at + "/tool", "is required", 0});
    if (profile.purpose.empty()) mistakes.push_back({at + "/purpose", "is required", 0});
    check_person(profile.person, at + "/person", mistakes);
    ForwardGate gate{profile, std::nullopt};
    if (profile.person.source == ForwardPerson::Source::Path) {
      auto compiled = PathPattern::compile(profile.person.pattern);
      if (compiled)
        gate.pattern = std::move(compiled).value();
      else
        mistakes.push_back({at + "/person/path", compiled.error().message(), 0});
    }
    if (!out.gates_.emplace(profile.name, std::move(gate)).second) mistakes.push_back({at, "is there twice", 0});
  }
  if (mistakes.empty()) return out;
  return base::Error(base::ErrorCode::InvalidRequest, "The forward-auth profiles are not valid", std::move(mistakes));
}

const ForwardGate* ForwardGates::find(std::string_view profile) const noexcept {
  const auto found = gates_.find(profile);
  return found == gates_.end() ? nullptr : &found->second;
}

}  // namespace egide::api
