#include "opening.h"

#include <algorithm>
#include <filesystem>

#include "egide/storage/files.h"
#include "secrets.h"

namespace egide::app {

base::Result<std::vector<policies::PackFile>> read_pack(const std::string& directory) {
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  if (failed || paths.empty()) return base::not_found("There is no policy pack (*.json) in " + directory);
  std::sort(paths.begin(), paths.end());
  std::vector<policies::PackFile> files;
  for (const auto& path : paths) {
    EGIDE_TRY(auto text, storage::read_file(path));
    files.push_back({std::filesystem::path(path).filename().string(), std::move(text)});
  }
  return files;
}

base::Result<std::unique_ptr<vault::Vault>> open_vault(const std::string& directory, const std::string& pack_directory,
                                                       const Configuration* configuration) {
  vault::OpenOptions options;
  options.directory = directory;
  options.clock = std::make_shared<base::SystemClock>();
  if (!pack_directory.empty()) {
    EGIDE_TRY(options.pack_files, read_pack(pack_directory));
  }
  if (configuration != nullptr) {
    for (const auto& path : configuration->generic_policies) {
      EGIDE_TRY(auto text, storage::read_file(path));
      options.generic_policies.push_back({std::filesystem::path(path).filename().string(), std::move(text)});
    }
    options.tool_types = configuration->tool_types;
    options.person_types = configuration->person_types;
  }
  EGIDE_TRY(options.secret, unseal_secret(false));
  return vault::Vault::open(std::move(options));
}

}  // namespace egide::app
