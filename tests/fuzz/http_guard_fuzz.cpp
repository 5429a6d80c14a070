// The bytes of a connection, whole and cut into pieces: the guard must frame the same requests either way, and what
// it accepts must hold what it promises. The first byte of the input chooses the size of the pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "egide/api/http_guard.h"
#include "egide/api/http_request.h"

namespace {

using egide::api::GuardLimits;
using egide::api::HttpGuard;
using egide::api::RawRequest;

void require(bool holds) {
  if (!holds) std::abort();
}

// Small, so that the fuzzer reaches every limit with short inputs.
const GuardLimits& limits() {
  static const GuardLimits value{64, 256, 8, 64, {{egide::api::Method::Post, "/v1/decisions", 128}}};
  return value;
}

void check_accepted(const RawRequest& request) {
  require(!request.target().empty() && request.target().front() == '/');
  require(request.target().size() <= limits().max_target);
  require(request.head.size() <= limits().max_head);
  require(request.body.size() <= 128);
  require(request.fields.size() <= limits().max_fields);
  require(!request.header("transfer-encoding"));
  require(request.minor_version == 0 || request.header("host"));
  const auto length = request.header("content-length");
  require(request.body.empty() || length);
  require(!length || std::strtoull(std::string(*length).c_str(), nullptr, 10) == request.body.size());
  for (const auto& field : request.fields) {
    for (const auto text : {request.text(field.name), request.text(field.value)}) {
      for (const char c : text) require(c != '\r' && c != '\n' && c != '\0');
    }
  }
  const auto decoded = egide::api::HttpRequest::from(request, "127.0.0.1", "id");
  if (!decoded) return;
  for (const auto& segment : decoded->segments()) {
    require(segment != "." && segment != "..");
    for (const char c : segment) require(static_cast<unsigned char>(c) >= 0x20);
  }
}

// What came of the connection, as text.
std::string frame(std::string_view input, std::size_t piece, bool check) {
  HttpGuard guard(limits());
  std::string out;
  std::size_t at = 0;
  while (at < input.size() && guard.state() != HttpGuard::State::Failed) {
    at += guard.feed(input.substr(at, piece));
    if (guard.state() != HttpGuard::State::Complete) continue;
    if (check) check_accepted(guard.request());
    out += guard.request().head + guard.request().body + (guard.request().keep_alive ? "+\n" : "-\n");
    guard.next();
  }
  if (guard.state() == HttpGuard::State::Failed) out += "failed " + std::to_string(guard.error().status);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 16;
  require(frame(input, input.size() + 1, true) == frame(input, piece, false));
  return 0;
}
