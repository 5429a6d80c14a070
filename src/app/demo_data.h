// The demo association: invented people drawn at random from lists, e-mail addresses in reserved domains, telephone
// numbers kept free for fiction. The same every time but for ids, keys and times.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "egide/base/result.h"
#include "egide/vault/vault.h"

namespace egide::app {

// Accounts, tools, people, consents and decisions. Gives the content of DIR/demo.json without "url"
// (docs/development.md):
// {"tokens": {role: token}, "tools": {id: key}, "subjects": [{"id", "email"}], "vkey"}.
base::Result<nlohmann::json> seed_demo(vault::Vault& vault);

}  // namespace egide::app
