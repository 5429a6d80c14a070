// Structured operational log: one JSON object a line on stderr (or a file), never personal data.
//
// Only ids made by egide, codes, counts and times are allowed in a field. Control characters are escaped in one
// place, so a value can't forge a line. Types that hold personal data or keys have no conversion to a field value:
// logging one does not compile.
//
// Thread safety: all functions may be called from many threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace egide::base {

enum class LogLevel { Debug, Info, Warning, Error };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <typename I, typename = std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool>>>
  LogField(std::string_view k, I v) : key(k) {
    if constexpr (std::is_signed_v<I>)
      value = static_cast<std::int64_t>(v);
    else
      value = static_cast<std::uint64_t>(v);
  }
};

// Below `level` nothing is written. `file` empty: stderr.
void configure_log(LogLevel level, const std::string& file);
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace egide::base
