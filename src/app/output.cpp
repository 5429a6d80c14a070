#include "output.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace egide::app {

void print_line(const std::string& text) { std::printf("%s\n", text.c_str()); }

void print_json(const nlohmann::json& value) {
  std::printf("%s\n", value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

std::function<void(std::size_t, std::size_t)> progress_line(std::string what) {
  if (isatty(STDERR_FILENO) == 0) return nullptr;
  return [what = std::move(what)](std::size_t done, std::size_t total) {
    std::fprintf(stderr, "\r%s: %zu of %zu", what.c_str(), done, total);
    if (done == total) std::fprintf(stderr, "\n");
  };
}

}  // namespace egide::app
