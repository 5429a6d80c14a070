#include <cmath>
#include <iterator>
#include <unordered_set>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"

namespace egide::base {
namespace {

// Feeds the parser and counts lines, so that an event can be placed. A line break counts when the character after it
// is consumed: the end of a number shows only at the character that follows.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (line_ != nullptr && after_break_) ++*line_;
    after_break_ = *at_ == '\n';
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  int* line_;
  bool after_break_ = false;
};

bool has_forbidden_control(std::string_view text, bool allow_line_breaks) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u == 0x7f) return true;
    if (u < 0x20 && !(allow_line_breaks && (c == '\n' || c == '\r' || c == '\t'))) return true;
  }
  return false;
}

// Builds the document and refuses what I-JSON refuses. The library's own builder keeps the last of two equal keys.
class StrictBuilder final : public nlohmann::json_sax<Json> {
 public:
  StrictBuilder(const JsonLimits& limits, const int* line, std::map<std::string, int>* lines)
      : limits_(limits), line_(line), lines_(lines) {}

  bool null() override { return put(Json(nullptr)) != nullptr; }
  bool boolean(bool v) override { return put(Json(v)) != nullptr; }
  bool number_integer(number_integer_t v) override { return put(Json(v)) != nullptr; }
  bool number_unsigned(number_unsigned_t v) override { return put(Json(v)) != nullptr; }
  bool number_float(number_float_t v, const string_t&) override {
    if (!std::isfinite(v)) return fail("a number is outside the range of an IEEE double");
    return put(Json(v)) != nullptr;
  }
  bool string(string_t& v) override {
    if (!check_text(v)) return false;
    return put(Json(std::move(v))) != nullptr;
  }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& v) override {
    if (!check_text(v)) return false;
    if (stack_.back()->contains(v)) return fail("a member name stands twice in one object");
    key_ = std::move(v);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    // 406: number overflow. Every other text would quote the input.
    return fail(e.id == 406 ? "a number is outside the range of an IEEE double" : "not valid JSON");
  }

  Json take() { return std::move(root_); }
  const char* reason() const { return reason_; }

 private:
  bool fail(const char* reason) {
    if (reason_ == nullptr) reason_ = reason;
    return false;
  }
  bool check_text(const std::string& text) {
    if (text.size() > limits_.max_string) return fail("a string is longer than allowed");
    if (has_forbidden_control(text, limits_.allow_line_breaks)) return fail("a string holds a control character");
    return true;
  }
  Json* put(Json value) {
    Json* placed;
    if (stack_.empty()) {
      root_ = std::move(value);
      placed = &root_;
      note("");
    } else if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      placed = &stack_.back()->back();
      if (lines_ != nullptr) note(path_.back() + "/" + std::to_string(stack_.back()->size() - 1));
    } else {
      placed = &(*stack_.back())[key_];
      *placed = std::move(value);
      if (lines_ != nullptr) note(path_.back() + "/" + pointer_token(key_));
    }
    return placed;
  }
  bool open(Json container) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) return fail("nested deeper than allowed");
    Json* placed = put(std::move(container));
    stack_.push_back(placed);
    if (lines_ != nullptr) path_.push_back(last_);
    return true;
  }
  bool close() {
    stack_.pop_back();
    if (lines_ != nullptr) path_.pop_back();
    return true;
  }
  void note(std::string pointer) {
    if (lines_ == nullptr) return;
    last_ = std::move(pointer);
    (*lines_)[last_] = *line_;
  }

  const JsonLimits& limits_;
  const int* line_;
  std::map<std::string, int>* lines_;
  Json root_;
  std::vector<Json*> stack_;
  std::vector<std::string> path_;
  std::string key_;
  std::string last_;
  const char* reason_ = nullptr;
};

Result<Json> parse(std::string_view text, const JsonLimits& limits, std::map<std::string, int>* lines) {
  if (text.size() > limits.max_bytes) return Error(ErrorCode::TooLarge, "The JSON document is larger than allowed");
  int line = 1;
  // Counting lines costs a little on each byte; a failed parse is parsed again to place the mistake.
  const auto attempt = [&](int* counter) -> std::pair<bool, Result<Json>> {
    StrictBuilder builder(limits, &line, lines);
    bool good = false;
    if (counter == nullptr) {
      good = Json::sax_parse(text.begin(), text.end(), &builder);
    } else {
      good = Json::sax_parse(CountingIterator(text.data(), counter),
                             CountingIterator(text.data() + text.size(), counter), &builder);
    }
    if (good) return {true, builder.take()};
    const char* reason = builder.reason() != nullptr ? builder.reason() : "not valid JSON";
    return {false, Error(ErrorCode::InvalidRequest, "The document is not acceptable JSON",
                         {FieldError{"", std::string(reason) + " (line " + std::to_string(line) + ")", line}})};
  };
  if (lines == nullptr) {
    auto quick = attempt(nullptr);
    if (quick.first) return std::move(quick.second);
    line = 1;
  }
  return attempt(&line).second;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) { return parse(text, limits, nullptr); }

Result<JsonWithLines> parse_json_with_lines(std::string_view text, const JsonLimits& limits) {
  JsonWithLines out;
  EGIDE_TRY(out.value, parse(text, limits, &out.line_of));
  return out;
}

int JsonWithLines::line(std::string pointer) const {
  for (;;) {
    const auto found = line_of.find(pointer);
    if (found != line_of.end()) return found->second;
    const auto slash = pointer.rfind('/');
    if (slash == std::string::npos) return 1;
    pointer.resize(slash);
  }
}

bool is_valid_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  while (i < text.size()) {
    const unsigned char c = byte(i);
    std::size_t extra = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (c < 0x80) {
      ++i;
      continue;
    }
    if (c >= 0xc2 && c <= 0xdf) {
      extra = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
      extra = 2;
      if (c == 0xe0) low = 0xa0;
      if (c == 0xed) high = 0x9f;  // surrogates
    } else if (c >= 0xf0 && c <= 0xf4) {
      extra = 3;
      if (c == 0xf0) low = 0x90;
      if (c == 0xf4) high = 0x8f;
    } else {
      return false;
    }
    if (i + extra >= text.size()) return false;
    if (byte(i + 1) < low || byte(i + 1) > high) return false;
    for (std::size_t k = 2; k <= extra; ++k)
      if (byte(i + k) < 0x80 || byte(i + k) > 0xbf) return false;
    i += extra + 1;
  }
  return true;
}

}  // namespace egide::base
