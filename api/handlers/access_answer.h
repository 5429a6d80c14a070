// The answer to an evaluation as text. No personal data is in it: people are named by nobody, consents by record ids.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::api {

struct AnswerStyle {
  std::string_view policy_revision;
  bool covered = true;             // false: the reason is `no_policy`, whatever the engine said
  std::string_view short_circuit;  // the semantic that ended a batch here; empty: none did
};

// `"decision":...,"context":{...}` without the braces around.
void append_decision(std::string& out, const vault::AccessAnswer& answer, const AnswerStyle& style);
// An item of a batch that is no evaluation: a denial that says why.
void append_item_error(std::string& out, int status, const base::Error& error, std::string_view short_circuit);

}  // namespace egide::api
