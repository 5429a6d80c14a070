// Secrets of the command line: from a file named by an environment variable, or a prompt without echo. Never from an
// argument, which every user of the machine can read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"
#include "egide/vault/vault.h"

namespace egide::app {

// The first line of the file that the variable names (without its line end), or nothing when the variable is unset.
base::Result<std::optional<crypto::SecretBytes>> secret_from_file_of(const char* variable);

// EGIDE_KEY_FILE (32 bytes), then $CREDENTIALS_DIRECTORY/egide-root (systemd), then EGIDE_PASSPHRASE_FILE, then a
// prompt on the terminal. `confirm`: a new passphrase is asked twice and must have 12 characters or more.
base::Result<vault::UnsealSecret> unseal_secret(bool confirm);

// Every secret that the environment gives, for sealing slots anew; else what the prompt gives. Never empty.
base::Result<std::vector<vault::UnsealSecret>> all_unseal_secrets();

// A new passphrase of seven words of random letters, to be shown once.
std::string new_passphrase();

}  // namespace egide::app
