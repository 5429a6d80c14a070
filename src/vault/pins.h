// Checkpoints that the vault keeps, or was given, to tell an old or a rewritten log from its own.
#pragma once

#include <string>
#include <vector>

#include "egide/base/result.h"

namespace egide::vault {

// The notes of every *.checkpoint in the vault's pins directory; none when there is no such directory.
base::Result<std::vector<std::string>> read_pins(const std::string& directory);

}  // namespace egide::vault
