// Routes, registered before serving and constant from then on.
//
//   Router router;
//   router.add({.method = Method::Get, .pattern = "/v1/subjects/{id}", .name = "subjects.get",
//               .handler = [&vault](const RequestContext& in) -> base::Result<HttpResponse> {
//                 EGIDE_TRY(auto subject, vault.find(in.path_value("id")));
//                 return HttpResponse::json(200, subject);
//               }});
//
// A pattern's `{id}` takes one segment, `{path*}` at its end one or more. Literal segments win over parameters.
// Thread safety: add() before serving only; match() from many threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "egide/api/http_request.h"
#include "egide/api/http_response.h"
#include "egide/api/role_table.h"
#include "egide/base/result.h"

namespace egide::api {

class RequestContext;
using RouteHandler = std::function<base::Result<HttpResponse>(const RequestContext&)>;

enum class BodyKind : std::uint8_t {
  None,         // a body is ignored
  Json,         // application/json, parsed before the handler is called
  CloudEvents,  // that, or application/cloudevents+json or application/cloudevents-batch+json
  MergePatch,   // application/json or application/merge-patch+json
  Raw,          // anything, read by the handler
};
enum class Idempotency : std::uint8_t {
  None,
  Optional,  // honoured where the header is sent
  Required,  // 400 without the header
};

struct Route {
  Method method = Method::Get;
  std::string pattern{};
  std::string name{};
  BodyKind body = BodyKind::None;
  Idempotency idempotency = Idempotency::None;
  bool needs_if_match = false;       // 428 without If-Match
  bool any_method = false;           // of a GET route: every method comes here that has no route of its own
  bool any_query = false;            // the query is the handler's, who may not read it at all
  std::vector<std::string> query{};  // the parameters it knows; 400 for any other
  RouteHandler handler{};
};

using PathValues = std::vector<std::pair<std::string_view, std::string>>;

struct RouteMatch {
  const Route* route = nullptr;  // nothing: 404 when `allow` is empty, else 405
  PathValues values;
  std::string allow;  // "GET, HEAD, POST"
};

struct RouteInfo {
  Method method;
  std::string pattern;
  std::string name;
};

class Router {
 public:
  explicit Router(std::span<const RoleRule> table = role_table()) : table_(table) {}

  // A second route for the same method and pattern, or a malformed pattern, is a defect and stops the process.
  void add(Route route);

  // HEAD is answered by GET's route.
  RouteMatch match(Method method, const std::vector<std::string>& segments) const;
  bool may_call(const Route& route, Role role) const noexcept { return api::may_call(table_, route.name, role); }
  bool is_public(const Route& route) const noexcept { return may_call(route, Role::Public); }
  std::vector<RouteInfo> routes() const;
  std::span<const RoleRule> table() const noexcept { return table_; }

 private:
  struct Node {
    std::map<std::string, std::size_t, std::less<>> literals;
    std::size_t parameter = 0;  // 0: none; the root is never a child
    std::size_t tail = 0;
    std::map<Method, std::size_t> routes;
  };
  struct Entry {
    Route route;
    std::vector<std::string> names;  // of the path's parameters, in order
  };
  bool find(std::size_t node, const std::vector<std::string>& segments, std::size_t at,
            std::vector<std::string>& values, std::size_t& found) const;

  std::span<const RoleRule> table_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<Entry> entries_;
};

// Routes without a rule, and rules without a route, over all routers of the process: empty when both agree.
std::vector<std::string> compare_with_table(std::initializer_list<const Router*> routers,
                                            std::span<const RoleRule> table);

}  // namespace egide::api
