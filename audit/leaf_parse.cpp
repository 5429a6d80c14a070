// Reads the members in their one order, then writes the leaf again and compares: whatever the reading lets through
// (a leading zero, a second spelling of a tag), the comparison refuses.
#include <charconv>

#include "egide/audit/leaf.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Result;

constexpr std::size_t kMaxLeaf = 65535;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  // Up to the closing quote, which is taken too.
  std::optional<std::string_view> text() {
    const auto end = rest_.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return value;
  }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Each reader is false only when the member stands there and is malformed; an absent member leaves `out` alone.
bool read_text(Cursor& in, std::string_view head, std::string_view& out) {
  if (!in.take(head)) return true;
  const auto text = in.text();
  if (text) out = *text;
  return text.has_value();
}

bool read_text(Cursor& in, std::string_view head, std::string& out) {
  std::string_view text;
  if (!read_text(in, head, text)) return false;
  out = text;
  return true;
}

bool read_integer(Cursor& in, std::string_view head, std::optional<std::uint64_t>& out) {
  if (in.take(head)) out = in.number();
  return true;  // without digits nothing is set, and the next member does not match
}

template <std::size_t N>
bool set_array(const std::optional<base::Bytes>& bytes, std::optional<base::ByteArray<N>>& out) {
  if (bytes) out = base::to_array<N>(*bytes);
  return out.has_value();
}

bool read_tag(Cursor& in, std::string_view head, std::optional<base::ByteArray<16>>& out) {
  if (!in.take(head)) return true;
  const auto text = in.text();
  return text && set_array(base::from_base64url(*text), out);
}

bool read_policy(Cursor& in, std::optional<base::ByteArray<16>>& out) {
  if (!in.take(R"(,"pol":"sha256:)")) return true;
  const auto text = in.text();
  return text && set_array(base::from_hex(*text), out);
}

bool read_commitment(Cursor& in, std::optional<base::Hash32>& out) {
  if (!in.take(R"(,"cm":")")) return true;
  const auto text = in.text();
  return text && set_array(base::from_base64(*text), out);
}

void read_outcome(Cursor& in, std::optional<Outcome>& out) {
  if (in.take(R"(,"dec":"allow")")) {
    out = Outcome::Allow;
  } else if (in.take(R"(,"dec":"deny")")) {
    out = Outcome::Deny;
  } else if (in.take(R"(,"dec":"fail")")) {
    out = Outcome::Fail;
  }
}

bool read_head(Cursor& in, Leaf& leaf) {
  if (!in.take(R"({"v":1,"i":)")) return false;
  const auto index = in.number();
  if (!index || !in.take(R"(,"t":)")) return false;
  const auto time = in.number();
  if (!time || *time > static_cast<std::uint64_t>(base::Timestamp::duration::max().count())) return false;
  leaf.index = *index;
  leaf.time = base::Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(*time)));
  return read_text(in, R"(,"ev":")", leaf.event);
}

bool read_members(Cursor& in, Leaf& leaf) {
  if (!read_text(in, R"(,"old":")", leaf.old_vkey) || !read_text(in, R"(,"new":")", leaf.new_vkey)) return false;
  if (!read_integer(in, R"(,"min":)", leaf.min) || !read_integer(in, R"(,"size":)", leaf.size) ||
      !read_integer(in, R"(,"tail":)", leaf.tail))
    return false;
  leaf.actor_is_self = in.take(R"(,"act":"self")");
  if (!read_tag(in, R"(,"act":"a_)", leaf.actor) || !read_tag(in, R"(,"sub":"s_)", leaf.subject_tag) ||
      !read_tag(in, R"(,"res":"r_)", leaf.resource_tag))
    return false;
  if (!read_text(in, R"(,"pur":")", leaf.purpose) || !read_text(in, R"(,"lb":")", leaf.legal_basis)) return false;
  read_outcome(in, leaf.outcome);
  if (!read_policy(in, leaf.policy) || !read_tag(in, R"(,"rq":")", leaf.request)) return false;
  return read_commitment(in, leaf.commitment) && read_tag(in, R"(,"fp":"f_)", leaf.fingerprint);
}

}  // namespace

Result<void> parse_leaf(std::string_view line, ParsedLeaf& out) {
  out.leaf = Leaf();
  out.text.clear();
  if (line.size() > kMaxLeaf) return integrity_violation("The entry is longer than 65,535 bytes");
  out.text.assign(line);
  Cursor in(out.text);
  if (!read_head(in, out.leaf) || !read_members(in, out.leaf) || !in.take("}\n") || !in.at_end())
    return integrity_violation("The entry is not in the canonical form");
  std::string again;
  again.reserve(line.size() + 512);
  if (const auto written = write_leaf(out.leaf, again); !written)
    return integrity_violation("The entry is not in the canonical form: " + written.error().message());
  if (again != line) return integrity_violation("The entry is not in the canonical form");
  return {};
}

}  // namespace egide::audit
