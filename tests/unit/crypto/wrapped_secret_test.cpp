#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto_testing.h"
#include "egide/base/json.h"
#include "egide/crypto/key_slots.h"

namespace egide::crypto {
namespace {

using base::ErrorCode;
using base::Json;

// docs/formats/unseal.md, second example: made by another implementation.
TEST(WrappedSecretTest, OpensTheWorkedExample) {
  const auto opened = wrapped_secret_from_json(secret(0x01), "log", json_example("unseal.md", 1)).value();
  EXPECT_EQ(base::to_bytes(opened.expose_secret()), filled(0x07));
}

TEST(WrappedSecretTest, OpensUnderItsRootForItsPurposeOnly) {
  const auto text = wrapped_secret_to_json(secret(1), "log", secret(9));
  EXPECT_EQ(base::to_bytes(wrapped_secret_from_json(secret(1), "log", text).value().expose_secret()), filled(9));
  EXPECT_EQ(wrapped_secret_from_json(secret(2), "log", text).error().code(), ErrorCode::Integrity);
  EXPECT_EQ(wrapped_secret_from_json(secret(1), "derivation", text).error().code(), ErrorCode::InvalidRequest);
}

// A log.key renamed to derivation.key, its text adapted.
TEST(WrappedSecretTest, DoesNotOpenUnderAPurposeWrittenOver) {
  Json document = base::parse_json(wrapped_secret_to_json(secret(1), "log", secret(9))).value();
  document["purpose"] = "derivation";
  EXPECT_EQ(wrapped_secret_from_json(secret(1), "derivation", document.dump()).error().code(), ErrorCode::Integrity);
}

TEST(WrappedSecretTest, RefusesAnotherFormat) {
  const Json right = base::parse_json(wrapped_secret_to_json(secret(1), "log", secret(9))).value();
  const auto code_of = [](const Json& document) {
    return wrapped_secret_from_json(secret(1), "log", document.dump()).error().code();
  };
  for (const char* member : {"version", "purpose", "wrap"}) {
    Json changed = right;
    changed.erase(member);
    EXPECT_EQ(code_of(changed), ErrorCode::InvalidRequest) << member;
  }
  Json changed = right;
  changed["version"] = 2;
  EXPECT_EQ(code_of(changed), ErrorCode::InvalidRequest);
  changed = right;
  changed["more"] = 1;
  EXPECT_EQ(code_of(changed), ErrorCode::InvalidRequest);
  changed = right;
  changed["wrap"] = "not base64";
  EXPECT_EQ(code_of(changed), ErrorCode::InvalidRequest);
  changed["wrap"] = "AAEC";
  EXPECT_EQ(code_of(changed), ErrorCode::Integrity);
}

}  // namespace
}  // namespace egide::crypto
