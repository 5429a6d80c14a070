#include "egide/testing/shared_data.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace egide::testing {

std::optional<std::string> shared_path(const std::string& relative) {
  const char* set = std::getenv("EGIDE_SHARED");
  const std::filesystem::path root = set != nullptr ? set : std::filesystem::path(EGIDE_SOURCE_DIR) / ".." / "shared";
  const auto path = root / relative;
  return std::filesystem::exists(path) ? std::optional<std::string>(path.string()) : std::nullopt;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace egide::testing
