// What the handlers share: the vault's caller, ids in paths, versions in If-Match, JSON answers.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/http_response.h"
#include "egide/api/request_context.h"
#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::api {

// Keeps the order in which members are written: answers read as the documents describe them.
using Document = nlohmann::ordered_json;

// A POST that creates something and honours Idempotency-Key, or a GET, PATCH, ... without it.
Route route(Method method, std::string pattern, std::string name, RouteHandler handler);
Route creating_route(std::string pattern, std::string name, RouteHandler handler);  // POST, JSON, Idempotency-Key

HttpResponse answer(int status, const Document& document);

// The caller as the vault's Accounts made it; asking on a public route is a defect.
const vault::Caller& vault_caller(const RequestContext& in);
// A person sees what is theirs; everything else does not exist for them. Staff and tools pass.
base::Result<void> require_own(const vault::Caller& caller, const base::SubjectId& subject);

// NotFound when the path's value is no id of egide's form.
base::Result<base::SubjectId> subject_in_path(const RequestContext& in);
base::Result<base::RecordId> record_in_path(const RequestContext& in);

// Precondition unless If-Match is one strong entity tag made of a version.
base::Result<std::int64_t> version_in_if_match(const RequestContext& in);

// A member that is left out when there is nothing to say.
void put_text(Document& document, const char* key, std::string_view text);
void put_time(Document& document, const char* key, const std::optional<base::Timestamp>& time);

}  // namespace egide::api
