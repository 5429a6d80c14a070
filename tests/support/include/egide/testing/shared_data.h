// Third-party vectors and realistic inputs lie in ../shared beside the project, where it exists.
#pragma once

#include <optional>
#include <string>

namespace egide::testing {

// The path of `relative` under ../shared (or under EGIDE_SHARED), or nothing when it is not there.
std::optional<std::string> shared_path(const std::string& relative);
std::string read_file(const std::string& path);  // throws std::runtime_error

}  // namespace egide::testing

// At the head of a test that needs ../shared: skips where it is absent.
#define EGIDE_SHARED_OR_SKIP(variable, relative)                                                    \
  const auto variable##_found = ::egide::testing::shared_path(relative);                            \
  if (!variable##_found) GTEST_SKIP() << "shared data is not beside this checkout: " << (relative); \
  const std::string& variable = *variable##_found
