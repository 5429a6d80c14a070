#include "configuration.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "egide/storage/files.h"

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

base::Result<void> set_listen(Configuration& configuration, const std::string& text) {
  const auto wrong =
      base::invalid_request("The address to listen on is written ADDRESS:PORT, for instance 127.0.0.1:8080");
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  std::string address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  if (read.ec != std::errc() || read.ptr != end) return wrong;
  if (!address.empty()) configuration.address = address;
  configuration.port = port;
  return {};
}

base::Result<Configuration> read_configuration(const std::string& path) {
  EGIDE_TRY(const auto text, storage::read_file(path));
  EGIDE_TRY(const auto document, base::parse_json_with_lines(text));
  base::ObjectReader in(document.value, "");
  Configuration out;
  if (const auto listen = in.optional_string("listen"))
    if (const auto set = set_listen(out, *listen); !set) in.mistake("listen", set.error().message());
  out.public_url = in.optional_string("public_url").value_or("");
  out.behind_proxy = in.optional_bool("behind_proxy").value_or(false);
  out.threads = static_cast<int>(in.optional_integer("threads", 1, 512).value_or(out.threads));
  out.log_file = in.optional_string("log_file").value_or("");
  read_rate(in, "caller_rate", out.caller_rate);
  read_rate(in, "address_rate", out.address_rate);
  read_outbound(in, out.outbound);
  in.refuse_unknown();
  if (in.mistakes().empty()) return out;
  auto mistakes = in.mistakes();
  for (auto& mistake : mistakes) mistake.line = document.line(mistake.pointer);
  return base::Error(base::ErrorCode::InvalidRequest, "The configuration file is not valid", std::move(mistakes));
}

}  // namespace egide::app
