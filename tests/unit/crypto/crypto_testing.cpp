#include "crypto_testing.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "egide/base/check.h"
#include "egide/testing/shared_data.h"

namespace egide::crypto {
namespace {

class CryptoStarted final : public ::testing::Environment {
 public:
  void SetUp() override { ASSERT_TRUE(initialize()); }
};

const auto* const kStarted = ::testing::AddGlobalTestEnvironment(new CryptoStarted);  // gtest owns it

}  // namespace

base::Bytes hex(std::string_view text) {
  auto bytes = base::from_hex(text);
  EGIDE_CHECK(bytes.has_value());
  return *std::move(bytes);
}

base::Bytes filled(int byte, std::size_t size) { return base::Bytes(size, static_cast<std::byte>(byte)); }

SecretBytes secret(int byte, std::size_t size) { return SecretBytes::copy_of(filled(byte, size)).value(); }

std::string json_example(const std::string& document, int index) {
  const std::string text = testing::read_file(std::string(EGIDE_SOURCE_DIR) + "/docs/formats/" + document);
  const std::string_view opening = "```json\n";
  std::size_t at = text.find(opening);
  for (; index > 0 && at != std::string::npos; --index) at = text.find(opening, at + 1);
  if (at == std::string::npos) throw std::runtime_error("no such example in " + document);
  at += opening.size();
  return text.substr(at, text.find("```", at) - at);
}

}  // namespace egide::crypto
