// The transparency log (C2SP tlog-tiles): checkpoint, tiles, entries, proofs.
#include <charconv>
#include <nlohmann/json.hpp>

#include "egide/vault/audit_queries.h"
#include "handlers/exchange.h"
#include "handlers/json_text.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

base::Result<std::uint64_t> index_in_path(const RequestContext& in) {
  const auto index = number_of(in.path_value("index"));
  if (!index) return base::not_found("There is no such entry");
  return *index;
}

Answered checkpoint(const RoutePorts& ports, const RequestContext&) {
  EGIDE_TRY(auto note, vault::AuditQueries(ports.services()).checkpoint());
  HttpResponse response = HttpResponse::text(200, std::move(note));
  response.cache_control = "max-age=1";
  return response;
}

// A tile never changes: what it covers is signed.
Answered tile(const RoutePorts& ports, const std::string& level, const std::string& path, const char* cache_control) {
  const auto address = audit::TileAddress::parse(level, path);
  if (!address) return base::not_found("There is no such tile");
  EGIDE_TRY(const auto bytes, vault::AuditQueries(ports.services()).tile(*address));
  HttpResponse response;
  response.content_type = "application/octet-stream";
  response.body = base::as_text(bytes);
  response.cache_control = cache_control;
  return response;
}

void append_entry(std::string& out, const vault::LogEntry& entry) {
  out += R"({"index":)";
  append_number(out, entry.index);
  if (entry.json.empty()) {
    out += R"(,"pruned":true})";
    return;
  }
  out += R"(,"entry":)";
  out += entry.json;
  out += R"(,"leaf":)";
  append_json_string(out, entry.json + "\n");
  out += '}';
}

Answered entries(const RoutePorts& ports, const RequestContext& in) {
  const Paging paging(ports, in, "entries;");
  EGIDE_TRY(const auto limit, in.limit(100, vault::AuditQueries::kMaxEntries));
  EGIDE_TRY(const auto cursor, paging.from());
  std::uint64_t from = cursor.value_or(0);
  if (const auto text = in.request().query().get("from")) {
    const auto wanted = number_of(*text);
    if (!wanted) return base::invalid_request("from must be the index of an entry");
    if (cursor) return base::invalid_request("Either from or cursor says where the list begins, not both");
    from = *wanted;
  }
  EGIDE_TRY(const auto found, vault::AuditQueries(ports.services()).entries(from, static_cast<int>(limit)));
  std::string text = R"({"items":[)";
  for (std::size_t i = 0; i < found.items.size(); ++i) {
    if (i > 0) text += ',';
    append_entry(text, found.items[i]);
  }
  text += R"(],"size":)";
  append_number(text, found.size);
  if (!found.items.empty() && found.items.back().index + 1 < found.size) {
    Document next;
    paging.put_next(next, found.items.back().index + 1);
    text += R"(,"next_cursor":)";
    append_json_string(text, next.at("next_cursor").get<std::string>());
  }
  text += '}';
  return HttpResponse::json_text(200, std::move(text));
}

// Byte for byte what the tree hashes.
Answered entry(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto index, index_in_path(in));
  EGIDE_TRY(const auto found, vault::AuditQueries(ports.services()).entries(index, 1));
  if (found.items.empty()) return base::not_found("There is no such entry");
  if (found.items.front().json.empty()) return base::Error(base::ErrorCode::Gone, "This entry was pruned");
  return HttpResponse::json_text(200, found.items.front().json + "\n");
}

Answered proof(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto index, index_in_path(in));
  EGIDE_TRY(auto text, vault::AuditQueries(ports.services()).inclusion_proof(index));
  return HttpResponse::text(200, std::move(text));
}

Answered consistency(const RoutePorts& ports, const RequestContext& in) {
  const auto old_size = number_of(query_text(in, "old"));
  if (!old_size) return base::invalid_request("old must be the size of an earlier checkpoint");
  EGIDE_TRY(auto text, vault::AuditQueries(ports.services()).consistency_proof(*old_size));
  return HttpResponse::text(200, std::move(text));
}

}  // namespace

void add_log_routes(Router& router, const RoutePorts& ports) {
  router.add(route(Method::Get, "/log/checkpoint", "log.checkpoint",
                   [&ports](const RequestContext& in) { return checkpoint(ports, in); }));
  router.add(route(Method::Get, "/log/tile/entries/{path*}", "log.entries", [&ports](const RequestContext& in) {
    return tile(ports, "entries", in.path_value("path"), "private, max-age=31536000, immutable");
  }));
  router.add(route(Method::Get, "/log/tile/{level}/{path*}", "log.tile", [&ports](const RequestContext& in) {
    return tile(ports, in.path_value("level"), in.path_value("path"), "public, max-age=31536000, immutable");
  }));
  Route listing = route(Method::Get, "/v1/audit/entries", "audit.entries",
                        [&ports](const RequestContext& in) { return entries(ports, in); });
  listing.query = {"limit", "cursor", "from"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/audit/entries/{index}", "audit.entry",
                   [&ports](const RequestContext& in) { return entry(ports, in); }));
  router.add(route(Method::Get, "/v1/audit/entries/{index}/proof", "audit.proof",
                   [&ports](const RequestContext& in) { return proof(ports, in); }));
  Route extending = route(Method::Get, "/v1/audit/consistency", "audit.consistency",
                          [&ports](const RequestContext& in) { return consistency(ports, in); });
  extending.query = {"old"};
  router.add(std::move(extending));
}

}  // namespace egide::api
