// Opens a vault for a command.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "configuration.h"
#include "egide/base/result.h"
#include "egide/policies/pack.h"
#include "egide/vault/vault.h"

namespace egide::app {

// Every *.json of the folder, in order of name. NotFound when there is none.
base::Result<std::vector<policies::PackFile>> read_pack(const std::string& directory);

// `pack_directory` empty: the bundled pack. `configuration`: for its generic policies and types; nullptr: none, and the
// usual types. Asks for the unseal secret as secrets.h says.
base::Result<std::unique_ptr<vault::Vault>> open_vault(const std::string& directory,
                                                       const std::string& pack_directory = "",
                                                       const Configuration* configuration = nullptr);

}  // namespace egide::app
