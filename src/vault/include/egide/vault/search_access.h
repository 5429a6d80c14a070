// SearchAccess: the three searches of AuthZEN, in pages (AuthZEN Authorization API 1.0, Search APIs).
//
//   people    Resource Search: whom may this tool contact for this purpose? Pseudonyms of the tool and purpose, in
//             their own order; vault ids for the DPO.
//   purposes  Action Search: what may this tool do with this person's data?
//   tools     Subject Search: which tools may use this person's data for this purpose?
//   generic   any of them over the generic policies.
//
// Each page is logged, with its count, before it is given; each result is decided again on the committer's thread when
// something has moved on, so nobody is in a page who withdrew before the page's entry. A page costs its results and the
// people that time excludes between them, at most 20,000 decisions; then it ends early and says where to go on. The
// first page counts all (remembered for a minute while nobody changes); the token carries the total.
//
// Thread safety: may be called from many threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/policies/generic_policy.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

inline constexpr std::uint64_t kDefaultPage = 100;
inline constexpr std::uint64_t kMaxPage = 1000;  // a larger limit counts as this one

struct PageRequest {
  std::string token;                   // empty: the first page
  std::optional<std::uint64_t> limit;  // nothing: that of the token, or the default
  std::string query;                   // every entity and parameter of the search, in one canonical text
};

struct FoundPage {
  std::string next_token;  // empty: the end
  std::uint64_t total = 0;
  base::Uuid search;  // the entry's "rq"
  base::Timestamp searched_at{};
  std::string policy_revision;
  std::uint64_t log_index = 0;
};

template <typename One>
struct Found : FoundPage {
  std::vector<One> results;
};

struct FoundUse {
  std::string id;  // of the person or tool; for purposes: the purpose
  std::shared_ptr<const PermitTerms> terms;
};

enum class GenericSearch { Subjects, Resources, Actions };

class SearchAccess {
 public:
  explicit SearchAccess(Services& services) : services_(services) {}

  // Of the question, `person` is not looked at. Forbidden: for another tool without the grant. InvalidRequest: a token
  // that is forged, expired, another caller's or another query's; a limit other than the first page's. What is unknown
  // finds nothing.
  base::Result<Found<FoundUse>> people(const Caller& caller, const AccessQuestion& question, const PageRequest& page);
  // `purpose` is not looked at.
  base::Result<Found<FoundUse>> purposes(const Caller& caller, const AccessQuestion& question, const PageRequest& page);
  // `tool` is not looked at. Without the right to ask for any, a tool finds at most itself, a person only what is
  // theirs.
  base::Result<Found<FoundUse>> tools(const Caller& caller, const AccessQuestion& question, const PageRequest& page);
  // Forbidden as for an evaluation. Actions have no type.
  base::Result<Found<policies::GenericName>> generic(const Caller& caller, const policies::GenericRequest& request,
                                                     GenericSearch what, const PageRequest& page);
  // A search that nothing covers: logged, empty.
  base::Result<FoundPage> nothing(const Caller& caller, const PageRequest& page);

 private:
  Services& services_;
};

}  // namespace egide::vault
