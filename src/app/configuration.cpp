#include "configuration.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "egide/storage/files.h"
#include "egide/vault/epochs.h"
#include "forward_configuration.h"

namespace egide::app {
namespace {

void read_rate(base::ObjectReader& in, const char* key, Rate& rate) {
  const base::Json* object = in.optional_object(key);
  if (object == nullptr) return;
  base::ObjectReader one(*object, in.pointer_to(key));
  rate.quota = static_cast<std::uint32_t>(one.required_integer("quota", 0, 100'000'000));
  rate.window_s = static_cast<std::uint32_t>(one.optional_integer("window_s", 1, 3600).value_or(10));
  one.refuse_unknown();
  in.take(one);
}

std::optional<Listen> read_listen(base::ObjectReader& in, const char* key) {
  const auto text = in.optional_string(key);
  if (!text) return std::nullopt;
  auto listen = parse_listen(*text);
  if (listen) return std::move(*listen);
  in.mistake(key, listen.error().message());
  return std::nullopt;
}

// At least one type, or the consent gateway could not be asked.
void read_types(base::ObjectReader& in, const char* key, std::vector<std::string>& types) {
  const auto given = in.optional_strings(key);
  if (!given) return;
  if (given->empty()) in.mistake(key, "must name at least one type");
  types = *given;
}

// The identifier of the decision point: AuthZEN wants no query and no fragment in it, and paths are put behind it.
void check_public_url(base::ObjectReader& in, const std::string& url) {
  if (url.empty()) return;
  const bool has_scheme = url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0;
  if (!has_scheme || url.find_first_of("?# ") != std::string::npos || url.back() == '/')
    in.mistake("public_url", "must be an https URL without query, fragment and slash at its end");
}

void read_controller(base::ObjectReader& in, api::Controller& out) {
  const base::Json* object = in.optional_object("controller");
  if (object == nullptr) return;
  base::ObjectReader one(*object, in.pointer_to("controller"));
  out.url = one.optional_string("url").value_or("");
  out.contact = one.optional_string("contact").value_or("");
  out.email = one.optional_string("email").value_or("");
  out.phone = one.optional_string("phone").value_or("");
  out.street = one.optional_string("street").value_or("");
  out.postal_code = one.optional_string("postal_code").value_or("");
  out.locality = one.optional_string("locality").value_or("");
  out.country = one.optional_string("country", {2, 2}).value_or("");
  one.refuse_unknown();
  in.take(one);
}

void read_mail(base::ObjectReader& in, MailSettings& out) {
  const base::Json* object = in.optional_object("mail");
  if (object == nullptr) return;
  base::ObjectReader one(*object, in.pointer_to("mail"));
  out.url = one.required_string("url");
  out.from = one.required_string("from", {3, 254});
  out.credentials_file = one.optional_string("credentials_file").value_or("");
  one.refuse_unknown();
  in.take(one);
}

void read_outbound(base::ObjectReader& in, outbound::Policy& policy) {
  const base::Json* object = in.optional_object("outbound");
  if (object == nullptr) return;
  base::ObjectReader one(*object, in.pointer_to("outbound"));
  for (const auto& text : one.optional_strings("allow").value_or(std::vector<std::string>())) {
    if (const auto network = outbound::parse_network(text))
      policy.allow.push_back(*network);
    else
      one.mistake("allow", "must hold networks such as 10.2.0.0/16 or fd00::/8, with no bit behind the prefix");
  }
  if (const base::Json* ports = one.optional_array("ports", 50)) {
    policy.ports.clear();
    for (const auto& port : *ports) {
      if (port.is_number_unsigned() && port.get<std::uint64_t>() >= 1 && port.get<std::uint64_t>() <= 65535)
        policy.ports.push_back(port.get<std::uint16_t>());
      else
        one.mistake("ports", "must hold port numbers");
    }
  }
  one.refuse_unknown();
  in.take(one);
}

}  // namespace

base::Result<Listen> parse_listen(const std::string& text) {
  const auto wrong =
      base::invalid_request("The address to listen on is written ADDRESS:PORT, for instance 127.0.0.1:8080");
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  std::string address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  Listen out;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, out.port);
  if (read.ec != std::errc() || read.ptr != end) return wrong;
  if (!address.empty()) out.address = address;
  return out;
}

base::Result<Configuration> read_configuration(const std::string& path) {
  EGIDE_TRY(const auto text, storage::read_file(path));
  EGIDE_TRY(const auto document, base::parse_json_with_lines(text));
  base::ObjectReader in(document.value, "");
  Configuration out;
  if (const auto listen = read_listen(in, "listen")) out.listen = *listen;
  out.metrics = read_listen(in, "metrics_listen");
  out.public_url = in.optional_string("public_url").value_or("");
  check_public_url(in, out.public_url);
  out.behind_proxy = in.optional_bool("behind_proxy").value_or(false);
  out.threads = static_cast<int>(in.optional_integer("threads", 1, 512).value_or(out.threads));
  out.log_file = in.optional_string("log_file").value_or("");
  out.epoch_keep_days = static_cast<int>(
      in.optional_integer("epoch_keep_days", 1, vault::kMostEpochKeepDays).value_or(vault::kEpochKeepDays));
  out.epoch_mirror = in.optional_string("epoch_mirror").value_or("");
  read_rate(in, "caller_rate", out.caller_rate);
  read_rate(in, "address_rate", out.address_rate);
  const auto folder = std::filesystem::path(path).parent_path();
  for (const auto& file : in.optional_strings("generic_policies").value_or(std::vector<std::string>()))
    out.generic_policies.push_back((folder / file).string());
  read_types(in, "tool_types", out.tool_types);
  read_types(in, "person_types", out.person_types);
  read_controller(in, out.controller);
  read_mail(in, out.mail);
  read_outbound(in, out.outbound);
  read_forward(in, std::filesystem::path(path).parent_path(), out.forward);
  in.refuse_unknown();
  if (in.mistakes().empty()) return out;
  auto mistakes = in.mistakes();
  for (auto& mistake : mistakes) mistake.line = document.line(mistake.pointer);
  return base::Error(base::ErrorCode::InvalidRequest, "The configuration file is not valid", std::move(mistakes));
}

}  // namespace egide::app
