#include "pins.h"

#include <filesystem>

#include "egide/storage/files.h"
#include "vault_files.h"

namespace egide::vault {

base::Result<std::vector<std::string>> read_pins(const std::string& directory) {
  std::vector<std::string> notes;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(in_vault(directory, kPinsDirectory), failed)) {
    if (entry.path().extension() != ".checkpoint") continue;
    EGIDE_TRY(auto note, storage::read_file(entry.path().string()));
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace egide::vault
