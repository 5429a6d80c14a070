// The page that a requestable denial names: what a purpose is, and a mail with a link for who wants to decide on it.
// Opening it grants nothing and sends nothing; it names no person.
#include <nlohmann/json.hpp>

#include "egide/api/media_type.h"
#include "egide/api/rate_limiter.h"
#include "egide/vault/consent_links.h"
#include "egide/vault/notices.h"
#include "handlers/confirmation_page.h"
#include "handlers/exchange.h"
#include "handlers/html_text.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

struct Words {
  const char *title, *how, *address, *send, *sent, *no_address, *other_language;
};
constexpr Words kFrench = {
    "Vos choix",
    "Pour accepter, refuser ou revenir sur votre choix, demandez un lien : il arrive à l'adresse que nous connaissons.",
    "Votre adresse électronique",
    "Recevoir le lien",
    "Si nous connaissons cette adresse, un message est en route.",
    "Cette adresse électronique n'est pas complète.",
    "English"};
constexpr Words kEnglish = {
    "Your choices",
    "To agree, to refuse or to change your mind, ask for a link: it comes to the address that we know.",
    "Your e-mail address",
    "Send the link",
    "If we know this address, a message is on its way.",
    "This e-mail address is not complete.",
    "Français"};

enum class Said { Nothing, Sent, NoAddress };

// What one request is about: a purpose based on consent, in the language asked for.
struct Place {
  vault::PurposeView purpose;
  std::string organisation;
  bool french = true;

  const Words& words() const { return french ? kFrench : kEnglish; }
  const char* language() const { return french ? "fr" : "en"; }
};

base::Result<Place> place_of(const RoutePorts& ports, const RequestContext& in) {
  Place out;
  EGIDE_TRY(out.purpose, vault::GetPurpose(ports.services()).execute(in.path_value("purpose")));
  if (!out.purpose.consent) return base::not_found("There is nothing to choose for this purpose");
  out.organisation = ports.info.organisation;
  const auto language = in.request().query().get("lang");
  out.french = (language ? *language : std::string_view(ports.info.language)) != "en";
  return out;
}

std::string in_language(const std::map<std::string, std::string>& texts, const char* language) {
  const auto found = texts.find(language);
  if (found != texts.end()) return found->second;
  return texts.empty() ? std::string() : texts.begin()->second;
}

std::string message(const char* text) { return std::string("<p class=\"message\" role=\"status\">") + text + "</p>\n"; }

HttpResponse page(const Place& place, int status, Said said) {
  const Words& words = place.words();
  std::string body;
  if (said == Said::Sent) body += message(words.sent);
  if (said == Said::NoAddress) body += message(words.no_address);
  body += "<h2>" + html_escaped(in_language(place.purpose.label, place.language())) + "</h2>\n<blockquote>" +
          html_paragraphs(in_language(place.purpose.notice.texts, place.language())) + "</blockquote>\n<p>" +
          words.how + "</p>\n<form method=\"post\"><p><label for=\"email\">" + words.address +
          "</label><br>\n<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required "
          "maxlength=\"254\"></p>\n<button type=\"submit\">" +
          words.send + "</button></form>\n<p><a href=\"?lang=" + (place.french ? "en" : "fr") + "\">" +
          words.other_language + "</a></p>\n";
  HttpResponse out;
  out.status = status;
  out.content_type = "text/html; charset=utf-8";
  out.body = consent_page(place.language(), words.title, place.organisation, body);
  out.with("Content-Security-Policy", confirmation_policy());
  out.with("Referrer-Policy", "no-referrer");
  return out;
}

Answered show(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto place, place_of(ports, in));
  return page(place, 200, Said::Nothing);
}

// Known or not, the address gets the same answer.
Answered ask(const RoutePorts& ports, const RequestContext& in, RateLimiter& limiter) {
  const auto rate = limiter.take(in.request().remote_address());
  if (!rate.allowed)
    return in.problems().too_many_requests(in.problem_context(), limiter.policy().name, rate.reset_seconds);
  const auto type = in.request().header("content-type").value_or(std::string_view());
  if (!is_media_type(type, "application/x-www-form-urlencoded")) return in.problem(ProblemKind::UnsupportedMedia);
  if (in.request().header("sec-fetch-site") == std::string_view("cross-site"))
    return in.problem(ProblemKind::Forbidden);
  EGIDE_TRY(const auto place, place_of(ports, in));
  EGIDE_TRY(const auto form, Query::parse(in.request().body()));
  const auto email = form.get("email").value_or(std::string_view());
  if (email.size() < 3 || email.size() > 254 || email.find('@') == std::string_view::npos)
    return page(place, 422, Said::NoAddress);
  EGIDE_TRY_VOID(
      vault::AskForConsent(ports.services()).execute(std::string(email), place.purpose.id, place.language()));
  return page(place, 200, Said::Sent);
}

}  // namespace

void add_choice_routes(Router& router, const RoutePorts& ports) {
  struct Limit {
    base::SystemClock clock;
    RateLimiter by_address{{"choices-address", 20, std::chrono::seconds(60)}, clock};
  };
  const auto limit = std::make_shared<Limit>();
  Route showing = route(Method::Get, "/choices/{purpose}", "choices.show",
                        [&ports](const RequestContext& in) { return show(ports, in); });
  showing.query = {"lang"};
  router.add(std::move(showing));
  Route asking = route(Method::Post, "/choices/{purpose}", "choices.ask",
                       [&ports, limit](const RequestContext& in) { return ask(ports, in, limit->by_address); });
  asking.body = BodyKind::Raw;
  asking.query = {"lang"};
  router.add(std::move(asking));
}

}  // namespace egide::api
