// Generic policies: rules over any subject, resource and action types, in JSON (docs/formats/generic-policy.md). They
// let ordinary access control, and foreign test suites, be asked on the same AuthZEN endpoints as consent.
//
// Deny by default. A missing attribute makes every test false but `absent`. In this domain alone the request's
// properties replace the stored ones, key by key, as AuthZEN lets a caller supply attributes.
//
// Thread safety: immutable once loaded.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/json.h"
#include "egide/base/result.h"
#include "egide/policies/pack.h"

namespace egide::policies {

inline constexpr std::string_view kGenericFormat = "egide.policy.generic/1";

// Views into the caller's request. `properties`: an object, or nullptr.
struct GenericParty {
  std::string_view type, id;
  const base::Json* properties = nullptr;
};
struct GenericAction {
  std::string_view name;
  const base::Json* properties = nullptr;
};
struct GenericRequest {
  GenericParty subject, resource;
  GenericAction action;
  const base::Json* context = nullptr;
};

struct GenericDecision {
  bool covered = false;  // false: no file declares this pair of types
  bool permit = false;
  std::string_view rule;  // the rule that decided; empty: none matched. Lives as long as the policies
};

struct GenericName {
  std::string type, id;
};

class GenericPolicies {
 public:
  GenericPolicies();  // none: covers nothing
  ~GenericPolicies();
  GenericPolicies(const GenericPolicies&) = delete;
  GenericPolicies& operator=(const GenericPolicies&) = delete;

  bool empty() const noexcept;
  const base::ByteArray<16>& revision() const noexcept { return revision_; }
  std::string revision_text() const;  // "sha256:<32 hex digits>"

  bool covers(std::string_view subject_type, std::string_view resource_type) const noexcept;
  GenericDecision decide(const GenericRequest& request) const;

  // Everything in the files for which decide() permits, in the files' order. The id (or name) of what is searched is
  // ignored; an id of the other side that no file lists finds nothing. An action is searched without properties.
  std::vector<GenericName> search_subjects(const GenericRequest& request) const;
  std::vector<GenericName> search_resources(const GenericRequest& request) const;
  std::vector<std::string> search_actions(const GenericRequest& request) const;

 private:
  friend class GenericLoader;
  struct Domain;
  const Domain* domain_of(std::string_view subject_type, std::string_view resource_type) const noexcept;

  std::vector<std::unique_ptr<Domain>> domains_;
  base::ByteArray<16> revision_{};
};

// True for the text of a generic policy; false for anything else, also for text that is no JSON.
bool is_generic_policy(std::string_view text);
// InvalidRequest lists every mistake of every file: line, field, and a detail that begins with the file's name. Types
// of two files may not overlap, nor may one be among `reserved_types`. `revision_hash` gives SHA-256.
base::Result<std::shared_ptr<const GenericPolicies>> load_generic_policies(
    const std::vector<PackFile>& files, const std::vector<std::string>& reserved_types,
    base::Hash32 (*revision_hash)(base::ByteView));

}  // namespace egide::policies
