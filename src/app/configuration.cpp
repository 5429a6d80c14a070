#include "configuration.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "egide/storage/files.h"
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
  read_forward(in, std::filesystem::path(path).parent_path(), out.forward);
  in.refuse_unknown();
  if (in.mistakes().empty()) return out;
  auto mistakes = in.mistakes();
  for (auto& mistake : mistakes) mistake.line = document.line(mistake.pointer);
  return base::Error(base::ErrorCode::InvalidRequest, "The configuration file is not valid", std::move(mistakes));
}

}  // namespace egide::app
