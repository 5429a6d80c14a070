// What tools get: the permitted fields of a person for a purpose, and pseudonyms in bulk.
#include <nlohmann/json.hpp>

#include "egide/vault/read_answer.h"
#include "egide/vault/read_for_purpose.h"
#include "handlers/access_answer.h"
#include "handlers/exchange.h"
#include "handlers/json_text.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;
constexpr std::size_t kMaxPeople = 10000;

void append_data(std::string& out, const vault::ReadAnswer& read) {
  out += R"(,"subject":)";
  append_json_string(out, read.pseudonym);
  out += R"(,"fields":{)";
  bool first = true;
  for (const auto& field : read.data.fields) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, field.category);
    out += ':';
    out += field.value.dump(-1, ' ', false, base::Json::error_handler_t::replace);
  }
  out += R"(},"withheld":[)";
  first = true;
  for (const auto& withheld : read.data.withheld) {
    out += first ? R"({"category":)" : R"(,{"category":)";
    first = false;
    append_json_string(out, withheld.category);
    out += R"(,"reason":)";
    append_json_string(out, withheld.reason);
    out += '}';
  }
  out += ']';
}

Answered read(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const auto subject = body.required_string("subject");
  const auto purpose = body.required_string("purpose");
  const auto fields = body.optional_strings("fields");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto read,
            vault::ReadForPurpose(ports.services())
                .execute(vault_caller(in), subject, purpose, fields.value_or(std::vector<std::string>())));
  std::string text;
  text.reserve(2048);
  text += '{';
  append_decision(text, read.access, {ports.info.pack_revision, ports.public_base_url});
  if (read.access.decision.permit) append_data(text, read);
  text += '}';
  return HttpResponse::json_text(200, std::move(text));
}

Answered pseudonyms(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const auto purpose = body.required_string("purpose");
  const auto subjects = body.required_strings("subjects", kMaxPeople);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto found, vault::ListPseudonyms(ports.services()).execute(vault_caller(in), purpose, subjects));
  std::string text = R"({"pseudonyms":[)";
  text.reserve(64 + 100 * found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += i > 0 ? R"(,{"subject":)" : R"({"subject":)";
    append_json_string(text, subjects[i]);
    text += R"(,"pseudonym":)";
    if (found[i].empty())
      text += "null";
    else
      append_json_string(text, found[i]);
    text += '}';
  }
  text += "]}";
  return HttpResponse::json_text(200, std::move(text));
}

}  // namespace

void add_gateway_routes(Router& router, const RoutePorts& ports) {
  Route reading = route(Method::Post, "/v1/gateway/read", "gateway.read",
                        [&ports](const RequestContext& in) { return read(ports, in); });
  reading.body = BodyKind::Json;
  router.add(std::move(reading));
  Route listing = route(Method::Post, "/v1/gateway/pseudonyms", "gateway.pseudonyms",
                        [&ports](const RequestContext& in) { return pseudonyms(ports, in); });
  listing.body = BodyKind::Json;
  router.add(std::move(listing));
}

}  // namespace egide::api
