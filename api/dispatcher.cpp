#include "egide/api/dispatcher.h"

#include <nlohmann/json.hpp>

#include "chars.h"
#include "egide/api/media_type.h"
#include "egide/api/request_context.h"
#include "egide/base/check.h"
#include "egide/base/log.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "forward_answer.h"

namespace egide::api {
namespace {

std::string request_id_of(const RawRequest& raw) {
  const auto given = raw.header("x-request-id");
  return given && is_request_id(*given) ? std::string(*given) : crypto::random_uuid().str();
}

// The address that limits count: the peer's, or the one the proxy in front wrote last.
std::string_view remote_address(const RawRequest& raw, std::string_view peer, bool trust_forwarded_for) noexcept {
  if (!trust_forwarded_for) return peer;
  std::string_view last;
  for (const auto& field : raw.fields) {
    if (equal_ignoring_case(raw.text(field.name), "x-forwarded-for")) last = raw.text(field.value);
  }
  if (const auto comma = last.rfind(','); comma != std::string_view::npos) last.remove_prefix(comma + 1);
  while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
  return last.empty() || last.size() > 64 ? peer : last;
}

bool takes(BodyKind body, std::string_view content_type) noexcept {
  switch (body) {
    case BodyKind::None:
    case BodyKind::Raw:
      return true;
    case BodyKind::Json:
      return is_media_type(content_type, "application/json");
    case BodyKind::CloudEvents:
      return is_media_type(content_type, "application/json") ||
             is_media_type(content_type, "application/cloudevents+json") ||
             is_media_type(content_type, "application/cloudevents-batch+json");
    case BodyKind::MergePatch:
      return is_media_type(content_type, "application/json") ||
             is_media_type(content_type, "application/merge-patch+json");
  }
  return false;
}

// What follows the profile in a forwarded request is somebody else's path, which may be empty or end in a slash.
std::vector<std::string> forward_segments(const HttpRequest& request) {
  auto segments = request.segments();
  if (segments.size() > kForwardSegments) {
    segments.resize(kForwardSegments);
    segments.emplace_back("*");
  }
  return segments;
}

ProblemContext context_of(const HttpRequest& request, const Route& route) noexcept {
  return {request.request_id(), request.path(), route.body == BodyKind::None};
}

}  // namespace

Dispatcher::Dispatcher(DispatcherOptions options, DispatcherPorts ports)
    : options_(std::move(options)),
      ports_(ports),
      problems_(options_.public_base_url),
      address_limiter_(options_.address_rate, *ports.clock, options_.max_rate_buckets),
      caller_limiter_(options_.caller_rate, *ports.clock, options_.max_rate_buckets) {
  EGIDE_CHECK(ports_.router != nullptr && ports_.clock != nullptr);
}

Answer Dispatcher::handle(const RawRequest& raw, std::string_view peer_address) noexcept {
  const auto begun = std::chrono::steady_clock::now();
  Answer answer;
  std::string_view route = "none";
  try {
    answer.request_id = request_id_of(raw);
    try {
      answer.response = run(raw, peer_address, answer.request_id, route);
    } catch (...) {
      // what() may hold anything, personal data too: neither answered nor logged.
      base::log(base::LogLevel::Error, "http.handler_threw", {{"route", route}, {"request_id", answer.request_id}});
      answer.response = problems_.make(ProblemKind::Unavailable, {answer.request_id, raw.path()});
    }
    if (is_forward_path(raw.path())) harden_forward_answer(answer.response);
    const auto took = std::chrono::steady_clock::now() - begun;
    if (ports_.observer != nullptr) ports_.observer->answered(route, answer.response.status, took);
    base::log(answer.response.status >= 500 ? base::LogLevel::Warning : base::LogLevel::Debug, "http.answered",
              {{"route", route},
               {"method", name_of(raw.method)},
               {"status", answer.response.status},
               {"request_id", answer.request_id},
               {"us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
  } catch (...) {  // out of memory while answering
    answer.response = HttpResponse();
    answer.response.status = is_forward_path(raw.path()) ? 403 : 503;
  }
  return answer;
}

Answer Dispatcher::refuse(const GuardError& error, const RawRequest& so_far) noexcept {
  Answer answer;
  try {
    ProblemKind kind = ProblemKind::MalformedRequest;
    if (error.status == 408) kind = ProblemKind::RequestTimeout;
    if (error.status == 413 || error.status == 414 || error.status == 431) kind = ProblemKind::TooLarge;
    if (error.status == 417) kind = ProblemKind::ExpectationFailed;
    answer.request_id = request_id_of(so_far);
    answer.response = problems_.make(kind, {answer.request_id, {}}, error.detail, {}, error.status);
    if (is_forward_request(so_far)) harden_forward_answer(answer.response, ForwardBody::Never);
    if (ports_.observer != nullptr) ports_.observer->answered("none", error.status, std::chrono::nanoseconds(0));
    base::log(base::LogLevel::Debug, "http.refused", {{"status", error.status}, {"request_id", answer.request_id}});
  } catch (...) {
    answer.response = HttpResponse();
    answer.response.status = error.status;
  }
  return answer;
}

Answer Dispatcher::unavailable(const RawRequest& so_far) noexcept {
  Answer answer;
  try {
    answer.request_id = request_id_of(so_far);
    answer.response =
        problems_.make(ProblemKind::Unavailable, {answer.request_id, {}}, "The server is stopping or full");
    if (is_forward_request(so_far)) harden_forward_answer(answer.response, ForwardBody::Never);
  } catch (...) {
    answer.response = HttpResponse();
    answer.response.status = 503;
  }
  return answer;
}

HttpResponse Dispatcher::run(const RawRequest& raw, std::string_view peer, const std::string& id,
                             std::string_view& route) {
  const ProblemContext context{id, raw.path(), true};
  if (const auto given = raw.header("x-request-id"); given && !is_request_id(*given)) {
    return problems_.make(ProblemKind::MalformedRequest, context,
                          "X-Request-ID takes 1 to 128 visible ASCII characters");
  }
  const auto remote = remote_address(raw, peer, options_.trust_forwarded_for);
  if (const auto rate = address_limiter_.take(remote); !rate.allowed) {
    auto response = problems_.too_many_requests(context, address_limiter_.policy().name, rate.reset_seconds);
    address_limiter_.describe(rate, response);
    return response;
  }
  const auto request = HttpRequest::from(raw, remote, id, peer);
  if (!request) return problems_.make(ProblemKind::MalformedRequest, context, request.error().message());
  const auto match = is_forward_path(raw.path()) ? ports_.router->match(raw.method, forward_segments(*request))
                                                 : ports_.router->match(raw.method, request->segments());
  if (match.route == nullptr) {
    return match.allow.empty() ? problems_.make(ProblemKind::NotFound, context)
                               : problems_.method_not_allowed(context, match.allow);
  }
  route = match.route->name;
  Caller caller;
  if (ports_.router->is_public(*match.route)) return run_route(*request, match, caller);

  const auto token = token_of(*request);
  if (!token || ports_.authenticator == nullptr) return problems_.unauthenticated(context);
  auto authenticated = ports_.authenticator->authenticate(*token);
  if (!authenticated) return problems_.from(authenticated.error(), context);
  caller = std::move(authenticated).value();
  const auto rate = caller_limiter_.take(caller.id);
  HttpResponse response;
  if (!rate.allowed) {
    response = problems_.too_many_requests(context, caller_limiter_.policy().name, rate.reset_seconds);
  } else if (!ports_.router->may_call(*match.route, caller.role)) {
    response = problems_.make(ProblemKind::Forbidden, context);
  } else {
    response = run_route(*request, match, caller);
  }
  caller_limiter_.describe(rate, response);
  return response;
}

// What every route wants checked before its handler sees the request.
HttpResponse Dispatcher::run_route(const HttpRequest& request, const RouteMatch& match, const Caller& caller) {
  const Route& route = *match.route;
  const auto context = context_of(request, route);
  if (const auto known = request.query().allow_only(route.query); !known && !route.any_query) {
    return problems_.make(ProblemKind::InvalidRequest, {context.request_id, context.path, true},
                          known.error().message());
  }
  if (!takes(route.body, request.header("content-type").value_or(std::string_view()))) {
    const int status = is_access_path(request.path()) ? 400 : 0;
    return problems_.make(ProblemKind::UnsupportedMedia, context, {}, {}, status);
  }
  if (route.needs_if_match && !request.header("if-match"))
    return problems_.make(ProblemKind::PreconditionRequired, context);
  return route.idempotency == Idempotency::None ? run_handler(request, match, caller)
                                                : run_once(request, match, caller);
}

HttpResponse Dispatcher::run_once(const HttpRequest& request, const RouteMatch& match, const Caller& caller) {
  const auto context = context_of(request, *match.route);
  const auto header = request.header("idempotency-key");
  if (!header) {
    if (match.route->idempotency == Idempotency::Optional) return run_handler(request, match, caller);
    return problems_.make(ProblemKind::MalformedRequest, context, "Idempotency-Key is needed");
  }
  const auto key = parse_idempotency_key(*header);
  if (!key) {
    return problems_.make(ProblemKind::MalformedRequest, context,
                          "Idempotency-Key takes 1 to 255 visible ASCII characters");
  }
  if (ports_.idempotency == nullptr) return problems_.make(ProblemKind::Unavailable, context);
  const auto scope = IdempotencyScope{caller.id, request.method(), request.path(), *key}.digest();
  const auto begin = ports_.idempotency->begin(scope, crypto::sha256(base::as_bytes(request.body())));
  if (!begin) return problems_.from(begin.error(), context);
  switch (begin->outcome) {
    case IdempotencyStore::Outcome::Replay:
      return *begin->answer;
    case IdempotencyStore::Outcome::Running:
      return problems_.make(ProblemKind::Conflict, context, "The first request with this Idempotency-Key still runs");
    case IdempotencyStore::Outcome::OtherBody:
      return problems_.make(ProblemKind::InvalidRequest, context, "This Idempotency-Key was used with another body", {},
                            422);
    case IdempotencyStore::Outcome::Begun:
      break;
  }
  HttpResponse response;
  try {
    response = run_handler(request, match, caller);
  } catch (...) {
    ports_.idempotency->abandon(scope);
    throw;
  }
  if (response.status >= 500) {
    ports_.idempotency->abandon(scope);
  } else if (!ports_.idempotency->complete(scope, response)) {
    base::log(base::LogLevel::Error, "http.idempotency_not_kept", {{"request_id", request.request_id()}});
  }
  return response;
}

HttpResponse Dispatcher::run_handler(const HttpRequest& request, const RouteMatch& match, const Caller& caller) {
  const Route& route = *match.route;
  const auto context = context_of(request, route);
  base::Json json;
  const bool has_json = route.body != BodyKind::None && route.body != BodyKind::Raw;
  if (has_json) {
    base::JsonLimits limits;
    limits.max_bytes = options_.max_json_bytes;
    auto parsed = base::parse_json(request.body(), limits);
    if (!parsed) {
      if (parsed.error().code() != base::ErrorCode::InvalidRequest) return problems_.from(parsed.error(), context);
      return problems_.make(ProblemKind::InvalidJson, context, {}, parsed.error().fields());
    }
    json = std::move(parsed).value();
  }
  const RequestContext in(request, caller, route, match.values, has_json ? &json : nullptr, problems_);
  auto answered = route.handler(in);
  if (!answered) {
    if (answered.error().code() == base::ErrorCode::Integrity)
      base::log(base::LogLevel::Error, "http.integrity_violation",
                {{"route", route.name}, {"request_id", request.request_id()}});
    return problems_.from(answered.error(), context);
  }
  return std::move(answered).value();
}

}  // namespace egide::api
