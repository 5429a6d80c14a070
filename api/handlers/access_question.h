// AuthZEN requests read into the vault's questions (AuthZEN Authorization API 1.0: evaluations and searches).
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "egide/base/json.h"
#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"
#include "egide/vault/generic_access.h"

namespace egide::api {

// The four entities of a request; nullptr where it has none. JSON's null is absence.
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

// What is asked for: a decision, or everything of one kind. The id of what is searched is not looked at, nor is the
// action of a search for actions.
enum class Asks { Decision, Subjects, Resources, Actions };

struct AskedAccess {
  vault::PairKind kind = vault::PairKind::None;
  vault::AccessQuestion question;    // of a Consent pair
  policies::GenericRequest generic;  // of any pair; views into the request
};
// InvalidRequest with every mistake and its pointer. A consent pair with another action than "process" is nobody's.
base::Result<AskedAccess> read_question(const vault::Services& services, const Entities& entities, Asks asks);

}  // namespace egide::api
