// What commands print: JSON with --json, plain text otherwise; progress on a terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace egide::app {

void print_line(const std::string& text);
void print_json(const nlohmann::json& value);

// A progress line on stderr, when it is a terminal; nothing otherwise. `what`: "importing".
std::function<void(std::size_t done, std::size_t total)> progress_line(std::string what);

}  // namespace egide::app
