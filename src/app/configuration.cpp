#include "configuration.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "egide/storage/files.h"
#include "egide/vault/epochs.h"

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
  out.behind_proxy = in.optional_bool("behind_proxy").value_or(false);
  out.threads = static_cast<int>(in.optional_integer("threads", 1, 512).value_or(out.threads));
  out.log_file = in.optional_string("log_file").value_or("");
  out.epoch_keep_days = static_cast<int>(
      in.optional_integer("epoch_keep_days", 1, vault::kMostEpochKeepDays).value_or(vault::kEpochKeepDays));
  out.epoch_mirror = in.optional_string("epoch_mirror").value_or("");
  read_rate(in, "caller_rate", out.caller_rate);
  read_rate(in, "address_rate", out.address_rate);
  in.refuse_unknown();
  if (in.mistakes().empty()) return out;
  auto mistakes = in.mistakes();
  for (auto& mistake : mistakes) mistake.line = document.line(mistake.pointer);
  return base::Error(base::ErrorCode::InvalidRequest, "The configuration file is not valid", std::move(mistakes));
}

}  // namespace egide::app
