// HttpRequest is what a handler sees of a request: path and query decoded exactly once.
//
// Thread safety: read-only after it is made. Views live as long as the request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "egide/api/raw_request.h"
#include "egide/base/result.h"

namespace egide::api {

// The query of a URL. A name that comes twice is refused, since readers disagree on which one counts.
class Query {
 public:
  static base::Result<Query> parse(std::string_view text);
  std::optional<std::string_view> get(std::string_view name) const noexcept;
  // InvalidRequest when a parameter outside `known` was given. The names of unknown ones are not repeated.
  base::Result<void> allow_only(const std::vector<std::string>& known) const;
  bool empty() const noexcept { return values_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

class HttpRequest {
 public:
  // InvalidRequest for a path or query that does not decode to clean UTF-8, or with "." or ".." segments.
  // `raw` outlives the request. The query of a forwarded request (forward.h) is left alone: it is somebody else's.
  static base::Result<HttpRequest> from(const RawRequest& raw, std::string_view remote_address,
                                        std::string_view request_id, std::string_view peer_address = {});

  Method method() const noexcept { return raw_->method; }
  std::string_view path() const noexcept { return raw_->path(); }  // not decoded
  const std::vector<std::string>& segments() const noexcept { return segments_; }
  const Query& query() const noexcept { return query_; }
  std::optional<std::string_view> header(std::string_view name) const noexcept { return raw_->header(name); }
  std::size_t count_of(std::string_view name) const noexcept;  // fields of that name, in any case
  std::string_view body() const noexcept { return raw_->body; }
  // The address for limits; personal data: never logged.
  const std::string& remote_address() const noexcept { return remote_address_; }
  // Who holds the other end of the connection, whatever a header says; empty where it is not known.
  const std::string& peer_address() const noexcept { return peer_address_; }
  const std::string& request_id() const noexcept { return request_id_; }

 private:
  const RawRequest* raw_ = nullptr;
  std::vector<std::string> segments_;
  Query query_;
  std::string remote_address_;
  std::string peer_address_;
  std::string request_id_;
};

}  // namespace egide::api
