// One way to an answer for every endpoint that asks for decisions: AuthZEN's two, and the OPA-compatible one.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "handlers/access_question.h"
#include "handlers/routes.h"

namespace egide::api {

// An answer, or what is wrong with this item alone.
using AccessOutcome = std::variant<base::Error, vault::AccessAnswer, vault::GenericAnswer>;

bool is_permit(const AccessOutcome& outcome) noexcept;
// In base32; empty for an error.
std::string evaluation_id(const AccessOutcome& outcome);

// The outcome is never an error here: those are the call's.
base::Result<AccessOutcome> evaluate_one(const RoutePorts& ports, const vault::Caller& caller,
                                         const AskedAccess& asked);
// An outcome for each item, in order; consent and generic items in a transaction each. An error is one that concerns
// the call: a log that can't be written.
base::Result<std::vector<AccessOutcome>> evaluate_all(const RoutePorts& ports, const vault::Caller& caller,
                                                      const std::vector<base::Result<AskedAccess>>& items);

// `{"decision":...,"context":{...}}`
void append_outcome(std::string& out, const RoutePorts& ports, const AccessOutcome& outcome,
                    std::string_view short_circuit = {});

}  // namespace egide::api
