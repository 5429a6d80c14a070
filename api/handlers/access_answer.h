// The answer to an evaluation as text. No personal data is in it: people are named by nobody, consents by record ids.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"
#include "egide/vault/generic_access.h"

namespace egide::api {

struct AnswerStyle {
  std::string_view policy_revision;  // of the pack
  std::string_view base_url;         // where consent can be asked for
  std::string_view short_circuit{};  // the semantic that ended a batch here; empty: none did
};

// `"decision":...,"context":{...}` without the braces around.
void append_decision(std::string& out, const vault::AccessAnswer& answer, const AnswerStyle& style);
void append_decision(std::string& out, const vault::GenericAnswer& answer, std::string_view short_circuit);
// An item of a batch that is no evaluation: a denial that says why.
void append_item_error(std::string& out, int status, const base::Error& error, std::string_view short_circuit);
// `,"obligations":[...]`, as it stands in an answer and on each result of a search.
void append_obligations(std::string& out, const std::shared_ptr<const vault::PermitTerms>& terms, base::Timestamp now);

}  // namespace egide::api
