// Starts the crypto module once, before the first test.
#include <gtest/gtest.h>

#include "egide/crypto/secret.h"

namespace {

class CryptoEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override { ASSERT_TRUE(egide::crypto::initialize()); }
};
const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new CryptoEnvironment);

}  // namespace
