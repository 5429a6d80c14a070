// An AuthZEN evaluation request read into the vault's question (AuthZEN Authorization API 1.0, sections 5 and 6).
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "egide/base/json.h"
#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::api {

// The four entities of an evaluation; nullptr where the request has none. JSON's null is absence.
struct Entities {
  const base::Json* subject = nullptr;
  const base::Json* resource = nullptr;
  const base::Json* action = nullptr;
  const base::Json* context = nullptr;
};
// InvalidRequest when `object` is no JSON object. Members it does not know are ignored.
base::Result<Entities> entities_of(const base::Json& object);
// Whole objects of `item` replace those of `defaults`; members are never merged.
Entities with_defaults(const Entities& item, const Entities& defaults) noexcept;

struct AskedAccess {
  // Whether a policy covers these types: an application that would process a person's data. Else the answer is a denial
  // for `no_policy`, and `question` is one that nobody is concerned by.
  bool covered = false;
  vault::AccessQuestion question;
};
// InvalidRequest with every mistake and its pointer.
base::Result<AskedAccess> read_question(const Entities& entities, const std::string& caller_id);

}  // namespace egide::api
