// The configured profiles, checked and ready: who is this request about?
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/forward.h"
#include "egide/api/http_request.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "forward_path.h"
#include "forward_proxies.h"

namespace egide::api {

struct ForwardGate {
  ForwardProfile profile;
  std::optional<PathPattern> pattern;  // of a profile that looks into the path

  // The person, or why nobody is known: "person_missing", "person_ambiguous", "token_invalid".
  struct Found {
    std::string person;
    const char* why_not = nullptr;
  };
  Found find_person(const HttpRequest& request, base::Timestamp now) const;
  bool handles(std::string_view action) const noexcept;
};

// Thread safety: const functions, safe from many threads.
class ForwardGates {
 public:
  // InvalidRequest with every mistake, placed in the `forward` object of the configuration file.
  static base::Result<ForwardGates> make(const ForwardOptions& options);

  bool is_proxy(std::string_view peer_address) const noexcept { return proxies_.contains(peer_address); }
  const ForwardGate* find(std::string_view profile) const noexcept;

 private:
  ProxyAddresses proxies_;
  std::map<std::string, ForwardGate, std::less<>> gates_;
};

}  // namespace egide::api
