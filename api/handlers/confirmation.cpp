// The page behind a link in a mail, and asking for such a link. GET and HEAD change nothing; a press of a button does.
#include <nlohmann/json.hpp>

#include "egide/api/media_type.h"
#include "egide/api/rate_limiter.h"
#include "egide/base/time.h"
#include "egide/crypto/random.h"
#include "egide/vault/consent_links.h"
#include "egide/vault/consent_records.h"
#include "handlers/confirmation_page.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;
using vault::ConsentPage;

constexpr std::string_view kCookie = "egide_page";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::chrono::minutes kPageLife{60};

// Against guessing and pestering: by network and by token. Tokens have 256 bits; this keeps the log of it short.
struct Limits {
  base::SystemClock clock;
  RateLimiter by_address{{"confirmation-address", 60, std::chrono::seconds(60)}, clock};
  RateLimiter by_token{{"confirmation-token", 20, std::chrono::seconds(60)}, clock};
};

// What binds a form to the browser it was shown in: random, with its last second, in a cookie for /c/ alone.
class PageNonce {
 public:
  PageNonce(const RequestContext& in, base::Timestamp now) {
    given_ = cookie(in.request().header("cookie").value_or(std::string_view()));
    const auto dot = given_.rfind('.');
    std::int64_t until = 0;
    if (dot != std::string::npos && dot >= 22)
      for (const char c : given_.substr(dot + 1))
        until = c >= '0' && c <= '9' && until < 99999999999 ? until * 10 + (c - '0') : 0;
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    fresh_ = until > second.count() && until <= (second + kPageLife).count();
    if (!fresh_)
      text_ = base::to_base64url(crypto::random_array<16>()) + "." + std::to_string((second + kPageLife).count());
  }
  bool was_given() const noexcept { return fresh_; }
  const std::string& text() const noexcept { return fresh_ ? given_ : text_; }

 private:
  static std::string cookie(std::string_view header) {
    while (!header.empty()) {
      const auto end = header.find(';');
      auto pair = header.substr(0, end);
      header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      if (pair.size() > kCookie.size() && pair.substr(0, kCookie.size()) == kCookie && pair[kCookie.size()] == '=')
        return std::string(pair.substr(kCookie.size() + 1));
    }
    return {};
  }
  bool fresh_ = false;
  std::string given_, text_;
};

HttpResponse page_answer(const RoutePorts& ports, const RequestContext& in, const PageNonce& nonce, int status,
                         const ConsentPage& page, PageExtras extras) {
  extras.code = vault::ConsentLinks(ports.services()).page_code(in.path_value("token"), nonce.text());
  HttpResponse out;
  out.status = status;
  out.content_type = "text/html; charset=utf-8";
  out.body = confirmation_page(page, extras);
  const bool https = ports.public_base_url.rfind("https:", 0) == 0;
  out.with("Set-Cookie", std::string(kCookie) + "=" + nonce.text() + "; Path=/c/; HttpOnly; SameSite=Strict" +
                             (https ? "; Secure" : ""));
  out.with("Content-Security-Policy", confirmation_policy());
  out.with("Referrer-Policy", "no-referrer");
  return out;
}

Answered show(const RoutePorts& ports, const RequestContext& in) {
  const PageNonce nonce(in, std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  EGIDE_TRY(const auto page, vault::ConsentLinks(ports.services()).look(in.path_value("token")));
  return page_answer(ports, in, nonce, 200, page, {});
}

// The mail program's own button (RFC 8058): a POST without a page. It can only say no.
bool is_one_click(const RequestContext& in, const std::optional<Query>& form) {
  if (form) return form->get("List-Unsubscribe") == "One-Click";
  const std::string_view body = in.request().body();
  return is_media_type(in.request().header("content-type").value_or(std::string_view()), "multipart/form-data") &&
         body.find("name=\"List-Unsubscribe\"") != std::string_view::npos &&
         body.find("One-Click") != std::string_view::npos;
}

std::optional<vault::LinkAnswer> answer_of(std::string_view choice) {
  if (choice == "agree") return vault::LinkAnswer::Agree;
  if (choice == "refuse") return vault::LinkAnswer::Refuse;
  if (choice == "withdraw") return vault::LinkAnswer::Withdraw;
  return std::nullopt;
}

vault::Caller caller_of(const vault::ConsentEvent& event) {
  vault::Caller caller;
  caller.role = vault::Role::Subject;
  caller.subject = event.subject;
  return caller;
}

class Answering {
 public:
  Answering(const RoutePorts& ports, const RequestContext& in)
      : ports_(ports),
        in_(in),
        nonce_(in, std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now())),
        links_(ports.services()),
        token_(in.path_value("token")) {}

  Answered run() {
    const std::string_view type = in_.request().header("content-type").value_or(std::string_view());
    std::optional<Query> form;
    if (is_media_type(type, kFormType)) {
      EGIDE_TRY(form, Query::parse(in_.request().body()));
    }
    if (is_one_click(in_, form)) return one_click();
    if (!form) return in_.problem(ProblemKind::UnsupportedMedia);
    EGIDE_TRY(const auto page, links_.look(token_));
    const auto site = in_.request().header("sec-fetch-site").value_or(std::string_view());
    const std::string code(form->get("page").value_or(std::string_view()));
    if (site == "cross-site" || !nonce_.was_given() || !links_.page_code_fits(token_, nonce_.text(), code))
      return show(422, page, PageMessage::PressAgain);
    const auto choice = form->get("choice").value_or(std::string_view());
    if (choice == "again") {
      EGIDE_TRY_VOID(links_.send_again(token_));
      return show(200, page, PageMessage::SentAgain);
    }
    // A program that sends the form without pressing a button sends no choice.
    const auto answer = answer_of(choice);
    if (!answer) return show(422, page, PageMessage::Choose);
    return record(*answer);
  }

 private:
  Answered show(int status, const ConsentPage& page, PageMessage message) {
    PageExtras extras;
    extras.message = message;
    return page_answer(ports_, in_, nonce_, status, page, extras);
  }

  Answered record(vault::LinkAnswer answer) {
    auto answered = links_.answer(token_, answer);
    if (!answered) {
      const auto code = answered.error().code();
      if (code == base::ErrorCode::Unavailable || code == base::ErrorCode::Integrity) return answered.error();
      EGIDE_TRY(const auto page, links_.look(token_));
      return show(409, page, PageMessage::NotPossible);
    }
    PageExtras extras;
    extras.message = PageMessage::Recorded;
    EGIDE_TRY(const auto receipt,
              vault::IssueReceipt(ports_.services()).execute(caller_of(answered->event), answered->event.id));
    extras.receipt = receipt.jws;
    return page_answer(ports_, in_, nonce_, 200, answered->page, extras);
  }

  Answered one_click() {
    EGIDE_TRY(const auto page, links_.look(token_));
    if (page.state == ConsentPage::State::Open) return record(vault::LinkAnswer::Refuse);
    if (page.state == ConsentPage::State::Answered && policies::is_valid_for_processing(page.consent))
      return record(vault::LinkAnswer::Withdraw);
    return show(200, page, PageMessage::None);
  }

  const RoutePorts& ports_;
  const RequestContext& in_;
  PageNonce nonce_;
  vault::ConsentLinks links_;
  const std::string& token_;
};

std::optional<HttpResponse> over_limit(const RequestContext& in, RateLimiter& limiter, std::string_view key) {
  const auto rate = limiter.take(key);
  if (rate.allowed) return std::nullopt;
  auto response = in.problems().too_many_requests(in.problem_context(), limiter.policy().name, rate.reset_seconds);
  limiter.describe(rate, response);
  return response;
}

Answered answer_page(const RoutePorts& ports, const RequestContext& in, Limits& limits) {
  if (auto refused = over_limit(in, limits.by_address, in.request().remote_address())) return std::move(*refused);
  if (auto refused = over_limit(in, limits.by_token, in.path_value("token"))) return std::move(*refused);
  return Answering(ports, in).run();
}

// Known or not, the address gets the same answer.
Answered ask(const RoutePorts& ports, const RequestContext& in, Limits& limits) {
  if (auto refused = over_limit(in, limits.by_address, in.request().remote_address())) return std::move(*refused);
  base::ObjectReader body(in.json(), "");
  const auto email = body.required_string("email", {3, 254});
  const auto purpose = body.required_string("purpose", {1, 200});
  const auto language = body.optional_string("language", {2, 20}).value_or("");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY_VOID(vault::AskForConsent(ports.services()).execute(email, purpose, language));
  Document document;
  document["status"] = "accepted";
  return answer(202, document);
}

}  // namespace

void add_confirmation_routes(Router& router, const RoutePorts& ports) {
  const auto limits = std::make_shared<Limits>();
  router.add(route(Method::Get, "/c/{token}", "confirmation.show",
                   [&ports](const RequestContext& in) { return show(ports, in); }));
  Route post = route(Method::Post, "/c/{token}", "confirmation.answer",
                     [&ports, limits](const RequestContext& in) { return answer_page(ports, in, *limits); });
  post.body = BodyKind::Raw;
  router.add(std::move(post));
  Route asking = route(Method::Post, "/v1/consent-requests", "confirmation.ask",
                       [&ports, limits](const RequestContext& in) { return ask(ports, in, *limits); });
  asking.body = BodyKind::Json;
  router.add(std::move(asking));
}

}  // namespace egide::api
