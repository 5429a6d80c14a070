#include "egide/base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "egide/base/clock.h"
#include "egide/base/time.h"

namespace egide::base {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20 || u == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(u));
    } else {
      out += c;
    }
  }
  out += '"';
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("egide", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return instance;
}

}  // namespace

void configure_log(LogLevel level, const std::string& file) {
  if (!file.empty()) {
    auto made = std::make_shared<spdlog::logger>("egide", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
    made->set_pattern("%v");
    made->flush_on(spdlog::level::info);
    logger() = std::move(made);
  }
  logger()->set_level(spdlog_level(level));
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger()->should_log(spdlog_level(level))) return;
  std::string line =
      R"({"t":")" + format_rfc3339(SystemClock().now()) + R"(","level":")" + level_name(level) + R"(","event":)";
  append_quoted(line, event);
  for (const auto& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    std::visit(
        [&line](const auto& value) {
          using V = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<V, std::string_view>)
            append_quoted(line, value);
          else
            fmt::format_to(std::back_inserter(line), "{}", value);
        },
        field.value);
  }
  line += '}';
  logger()->log(spdlog_level(level), "{}", line);
}

}  // namespace egide::base
