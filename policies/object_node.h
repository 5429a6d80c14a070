// Reads the members of one JSON object of a pack with their exact types, and adds every mistake with its file, line and
// pointer to one list. A value read after a mistake is a default: the pack is built only when the list is empty.
//
// null counts as absent. `$comment` is let through everywhere. close() refuses members that nothing asked for, and
// lists those that are known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/json_lines.h"
#include "egide/base/time.h"
#include "egide/policies/pack.h"
#include "enums.h"

namespace egide::policies {

class Mistakes {
 public:
  Mistakes(const base::JsonWithLines& document, std::string file) : document_(&document), file_(std::move(file)) {}
  void add(const std::string& pointer, const std::string& detail);
  bool empty() const noexcept { return list_.empty(); }
  bool has(const std::string& pointer) const;
  std::vector<base::FieldError> in_order_of_lines() const;

 private:
  const base::JsonWithLines* document_;
  std::string file_;
  std::vector<base::FieldError> list_;
};

std::string pointer_to(const std::string& parent, std::string_view key);
std::string pointer_to(const std::string& parent, std::size_t index);

enum class Need { Required, Optional };

class ObjectNode {
 public:
  // `value` may be null: every read is then a silent default, since its absence was already told.
  ObjectNode(const base::Json* value, std::string pointer, Mistakes& mistakes);

  bool present() const noexcept { return value_ != nullptr; }
  const std::string& pointer() const noexcept { return pointer_; }
  std::string pointer_of(std::string_view key) const { return pointer_to(pointer_, key); }

  std::string text(std::string_view key, Need need);  // 1 to 4,000 bytes
  std::string word(std::string_view key, Need need);  // lower-case letters, digits and underscores
  std::optional<bool> boolean(std::string_view key, Need need);
  std::optional<std::int64_t> integer(std::string_view key, Need need, std::int64_t min, std::int64_t max);
  std::optional<double> share(std::string_view key, Need need);  // 0 to 1
  std::optional<base::Duration> duration(std::string_view key, Need need);
  std::string choice(std::string_view key, Need need, const Words& allowed);  // empty where absent
  std::vector<std::string> strings(std::string_view key, Need need, std::size_t min_items = 0);
  std::vector<std::string> choices(std::string_view key, Need need, const Words& allowed);
  ObjectNode object(std::string_view key, Need need);
  const base::Json* array(std::string_view key, Need need, std::size_t min_items = 0);
  // Text in the pack's languages: all of them, or at least one.
  Text text_by_language(std::string_view key, Need need, const std::vector<std::string>& languages, bool all);
  const base::Json* member(std::string_view key, Need need);

  void mistake(std::string_view key, const std::string& detail) { mistakes_->add(pointer_of(key), detail); }
  // Every member not asked for so far, as (name, value): of objects whose member names are data.
  std::vector<std::string> remaining() const;
  void close();

 private:
  const base::Json* value_;
  std::string pointer_;
  Mistakes* mistakes_;
  std::vector<std::string> asked_;
};

bool is_word(std::string_view text) noexcept;
std::string listed(const Words& words);

}  // namespace egide::policies
