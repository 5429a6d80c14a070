// Written by hand and not by the JSON library: that one sorts members and allocates, and each audited read pays for
// this.
#include <charconv>

#include "egide/audit/leaf.h"

namespace egide::audit {
namespace {

using base::invalid_request;
using base::Result;

constexpr std::size_t kMaxLeaf = 65535;  // a bundle carries the length in 16 bits
constexpr std::size_t kTypicalLeaf = 420;
constexpr std::uint64_t kMaxInteger = (std::uint64_t{1} << 63) - 1;

// Printable ASCII without space, '"' and '\': no escape exists, so there is one spelling of each string.
bool is_plain(std::string_view text) noexcept {
  bool plain = true;  // without a branch in the loop, so that the compiler can check many characters at once
  for (const char c : text) plain &= c > ' ' && c <= '~' && c != '"' && c != '\\';
  return plain;
}

Result<void> check_belongs(const Leaf& leaf) {
  const bool key = leaf.event == event::kLogKey;
  if (key != !leaf.old_vkey.empty() || key != !leaf.new_vkey.empty())
    return invalid_request("old and new stand in log.key, together, and nowhere else");
  if ((leaf.event == event::kLogPrune) != leaf.min.has_value())
    return invalid_request("min stands in log.prune and nowhere else");
  const bool restore = leaf.event == event::kLogRestore;
  const bool search = leaf.event == event::kAccessSearched;
  if ((restore || search) != leaf.size.has_value() || restore != leaf.tail.has_value())
    return invalid_request("size and tail stand in log.restore, together; size alone in access.searched");
  if (leaf.fingerprint && leaf.event != event::kSubjectErased)
    return invalid_request("fp stands only in subject.erased");
  if (leaf.actor && leaf.actor_is_self) return invalid_request("act is a pseudonym or self, not both");
  return {};
}

Result<void> check(const Leaf& leaf) {
  if (!is_known_event(leaf.event)) return invalid_request("ev is not an event of the closed list");
  if (leaf.index > kMaxInteger) return invalid_request("i is too large");
  if (leaf.time.time_since_epoch().count() < 0) return invalid_request("t lies before 1970");
  for (const auto& number : {leaf.min, leaf.size, leaf.tail})
    if (number && *number > kMaxInteger) return invalid_request("min, size or tail is too large");
  EGIDE_TRY_VOID(check_belongs(leaf));
  if (!is_plain(leaf.purpose)) return invalid_request("pur holds a character outside the form");
  if (!is_plain(leaf.legal_basis)) return invalid_request("lb holds a character outside the form");
  if (!is_plain(leaf.old_vkey) || !is_plain(leaf.new_vkey))
    return invalid_request("old or new holds a character outside the form");
  return {};
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// `head` holds the separator, the key and the opening quote.
void append_text(std::string& out, std::string_view head, std::string_view value) {
  if (value.empty()) return;
  out.append(head).append(value).push_back('"');
}

void append_integer(std::string& out, std::string_view head, const std::optional<std::uint64_t>& value) {
  if (!value) return;
  out.append(head);
  append_number(out, *value);
}

void append_tag(std::string& out, std::string_view head, const std::optional<base::ByteArray<16>>& value) {
  if (!value) return;
  out.append(head);
  base::append_base64url(out, *value);
  out.push_back('"');
}

void append_policy(std::string& out, const base::ByteArray<16>& policy) {
  constexpr char kHex[] = "0123456789abcdef";
  char digits[32];
  for (std::size_t i = 0; i < policy.size(); ++i) {
    const auto value = std::to_integer<unsigned>(policy[i]);
    digits[2 * i] = kHex[value >> 4];
    digits[2 * i + 1] = kHex[value & 15];
  }
  out.append(R"(,"pol":"sha256:)").append(digits, sizeof digits).push_back('"');
}

std::string_view member_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Allow:
      return R"(,"dec":"allow")";
    case Outcome::Deny:
      return R"(,"dec":"deny")";
    case Outcome::Fail:
      break;
  }
  return R"(,"dec":"fail")";
}

}  // namespace

Result<void> write_leaf(const Leaf& leaf, std::string& out) {
  EGIDE_TRY_VOID(check(leaf));
  const std::size_t start = out.size();
  out.reserve(start + kTypicalLeaf);
  out.append(R"({"v":1,"i":)");
  append_number(out, leaf.index);
  out.append(R"(,"t":)");
  append_number(out, static_cast<std::uint64_t>(leaf.time.time_since_epoch().count()));
  append_text(out, R"(,"ev":")", leaf.event);
  append_text(out, R"(,"old":")", leaf.old_vkey);
  append_text(out, R"(,"new":")", leaf.new_vkey);
  append_integer(out, R"(,"min":)", leaf.min);
  append_integer(out, R"(,"size":)", leaf.size);
  append_integer(out, R"(,"tail":)", leaf.tail);
  if (leaf.actor_is_self) out.append(R"(,"act":"self")");
  append_tag(out, R"(,"act":"a_)", leaf.actor);
  append_tag(out, R"(,"sub":"s_)", leaf.subject_tag);
  append_tag(out, R"(,"res":"r_)", leaf.resource_tag);
  append_text(out, R"(,"pur":")", leaf.purpose);
  append_text(out, R"(,"lb":")", leaf.legal_basis);
  if (leaf.outcome) out.append(member_of(*leaf.outcome));
  if (leaf.policy) append_policy(out, *leaf.policy);
  append_tag(out, R"(,"rq":")", leaf.request);
  if (leaf.commitment) {
    out.append(R"(,"cm":")");
    base::append_base64(out, *leaf.commitment);
    out.push_back('"');
  }
  append_tag(out, R"(,"fp":"f_)", leaf.fingerprint);
  out.append("}\n");
  if (out.size() - start > kMaxLeaf) {
    out.resize(start);
    return invalid_request("The entry is longer than 65,535 bytes");
  }
  return {};
}

}  // namespace egide::audit
