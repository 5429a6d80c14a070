#include "egide/crypto/key_slots.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "crypto_testing.h"
#include "egide/base/json.h"

namespace egide::crypto {
namespace {

using base::ErrorCode;
using base::Json;

constexpr const char* kTime = "2026-11-24T10:15:00Z";
constexpr PassphraseParameters kSmall{.memory_bytes = 65536, .passes = 1, .salt = {}};

class KeySlotsTest : public ::testing::Test {
 protected:
  base::Uuid add_passphrase(std::string_view passphrase) {
    return slots.add_passphrase(root, passphrase, "operator", kTime, kSmall).value();
  }
  // The slots after `change` was made to their JSON text.
  base::Result<KeySlots> changed(const std::function<void(Json&)>& change) const {
    Json document = base::parse_json(slots.to_json()).value();
    change(document);
    return KeySlots::parse(document.dump());
  }
  void expect_root(const base::Result<SecretBytes>& unsealed) const {
    ASSERT_TRUE(unsealed);
    EXPECT_TRUE(equal_constant_time(unsealed->expose_secret(), root.expose_secret()));
  }

  const SecretBytes root = SecretBytes::random(32).value();
  KeySlots slots;
};

// docs/formats/unseal.md, "Worked example": made by another implementation.
TEST_F(KeySlotsTest, OpensTheWorkedExample) {
  const auto example = KeySlots::parse(json_example("unseal.md")).value();
  ASSERT_EQ(example.slots().size(), 2U);
  const auto by_passphrase = example.unseal_with_passphrase("correct horse battery staple").value();
  EXPECT_EQ(base::to_bytes(by_passphrase.expose_secret()), filled(0x01));
  const auto by_key = example.unseal_with_key(SlotKind::KeyFile, filled(0x02)).value();
  EXPECT_EQ(base::to_bytes(by_key.expose_secret()), filled(0x01));
  EXPECT_EQ(example.to_json(), json_example("unseal.md"));
}

TEST_F(KeySlotsTest, EachSlotOpensTheSameRoot) {
  add_passphrase("first");
  add_passphrase("second");
  ASSERT_TRUE(slots.add_key(root, SlotKind::KeyFile, filled(1), "safe", kTime));
  ASSERT_TRUE(slots.add_key(root, SlotKind::SystemdCredential, filled(2), "host", kTime));
  const auto read = KeySlots::parse(slots.to_json()).value();
  expect_root(read.unseal_with_passphrase("first"));
  expect_root(read.unseal_with_passphrase("second"));
  expect_root(read.unseal_with_key(SlotKind::KeyFile, filled(1)));
  expect_root(read.unseal_with_key(SlotKind::SystemdCredential, filled(2)));
}

TEST_F(KeySlotsTest, GivesOneAnswerToWhateverDoesNotOpen) {
  add_passphrase("right");
  ASSERT_TRUE(slots.add_key(root, SlotKind::KeyFile, filled(1), "safe", kTime));
  const base::Result<SecretBytes> answers[] = {
      slots.unseal_with_passphrase("wrong"),
      slots.unseal_with_passphrase(""),
      slots.unseal_with_key(SlotKind::KeyFile, filled(2)),
      slots.unseal_with_key(SlotKind::KeyFile, filled(1, 31)),
      slots.unseal_with_key(SlotKind::SystemdCredential, filled(1)),  // the key of another kind's slot
      KeySlots().unseal_with_passphrase("right"),
  };
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), ErrorCode::Unauthenticated);
    EXPECT_EQ(answer.error().message(), answers[0].error().message());
  }
}

TEST_F(KeySlotsTest, SaltsEachSlotAnew) {
  add_passphrase("same");
  add_passphrase("same");
  EXPECT_NE(slots.slots()[0].parameters.salt, slots.slots()[1].parameters.salt);
  EXPECT_NE(slots.slots()[0].parameters.salt, kSmall.salt);
}

TEST_F(KeySlotsTest, DoesNotOpenASlotWhoseParametersWereChanged) {
  add_passphrase("right");
  const std::function<void(Json&)> changes[] = {
      [](Json& slot) { slot["id"] = "00000000-0000-4000-8000-000000000000"; },
      [](Json& slot) { slot["argon2id"]["memory_bytes"] = 131072; },
      [](Json& slot) { slot["argon2id"]["passes"] = 2; },
      [](Json& slot) { slot["argon2id"]["salt"] = "AAECAwQFBgcICQoLDA0ODw=="; },
  };
  for (const auto& change : changes) {
    const auto damaged = changed([&](Json& document) { change(document["slots"][0]); }).value();
    EXPECT_EQ(damaged.unseal_with_passphrase("right").error().code(), ErrorCode::Unauthenticated);
  }
}

TEST_F(KeySlotsTest, DoesNotTakeAKeyFileSlotForACredential) {
  ASSERT_TRUE(slots.add_key(root, SlotKind::KeyFile, filled(1), "safe", kTime));
  const auto moved = changed([](Json& document) { document["slots"][0]["kind"] = "systemd_credential"; }).value();
  EXPECT_EQ(moved.unseal_with_key(SlotKind::SystemdCredential, filled(1)).error().code(), ErrorCode::Unauthenticated);
}

TEST_F(KeySlotsTest, RefusesAFileThatIsNotInTheFormatAndSaysWhere) {
  add_passphrase("right");
  struct Case {
    const char* pointer;
    std::function<void(Json&)> change;
  };
  const Case cases[] = {
      {"/version", [](Json& d) { d["version"] = 2; }},
      {"/version", [](Json& d) { d.erase("version"); }},
      {"/slots", [](Json& d) { d["slots"] = Json::array(); }},
      {"/slots", [](Json& d) { d["slots"] = 1; }},
      {"/slots", [](Json& d) { d["slots"] = Json::array_t(33, d["slots"][0]); }},
      {"/extra", [](Json& d) { d["extra"] = 1; }},
      {"/slots/0", [](Json& d) { d["slots"][0] = 1; }},
      {"/slots/0/extra", [](Json& d) { d["slots"][0]["extra"] = 1; }},
      {"/slots/0/id", [](Json& d) { d["slots"][0]["id"] = "x"; }},
      {"/slots/1/id", [](Json& d) { d["slots"].push_back(Json::object_t(d["slots"][0])); }},
      {"/slots/0/kind", [](Json& d) { d["slots"][0]["kind"] = "tpm"; }},
      {"/slots/0/created_at", [](Json& d) { d["slots"][0]["created_at"] = "yesterday"; }},
      {"/slots/0/argon2id", [](Json& d) { d["slots"][0].erase("argon2id"); }},
      {"/slots/0/argon2id", [](Json& d) { d["slots"][0]["kind"] = "key_file"; }},
      {"/slots/0/argon2id/memory_bytes", [](Json& d) { d["slots"][0]["argon2id"]["memory_bytes"] = (1LL << 30) + 1; }},
      {"/slots/0/argon2id/memory_bytes", [](Json& d) { d["slots"][0]["argon2id"]["memory_bytes"] = 8191; }},
      {"/slots/0/argon2id/memory_bytes", [](Json& d) { d["slots"][0]["argon2id"]["memory_bytes"] = -1; }},
      {"/slots/0/argon2id/passes", [](Json& d) { d["slots"][0]["argon2id"]["passes"] = 11; }},
      {"/slots/0/argon2id/passes", [](Json& d) { d["slots"][0]["argon2id"]["passes"] = 0; }},
      {"/slots/0/argon2id/passes", [](Json& d) { d["slots"][0]["argon2id"]["passes"] = 2.5; }},
      {"/slots/0/argon2id/salt", [](Json& d) { d["slots"][0]["argon2id"]["salt"] = "AAEC"; }},
      {"/slots/0/argon2id/lanes", [](Json& d) { d["slots"][0]["argon2id"]["lanes"] = 4; }},
      {"/slots/0/wrapped_root", [](Json& d) { d["slots"][0]["wrapped_root"] = "AAEC"; }},
  };
  for (const auto& c : cases) {
    const auto parsed = changed(c.change);
    ASSERT_FALSE(parsed) << c.pointer;
    EXPECT_EQ(parsed.error().code(), ErrorCode::InvalidRequest) << c.pointer;
    EXPECT_EQ(parsed.error().fields().at(0).pointer, c.pointer);
  }
  EXPECT_FALSE(KeySlots::parse("[]"));
  EXPECT_FALSE(KeySlots::parse(""));
}

TEST_F(KeySlotsTest, RemovesASlotButNeverTheLast) {
  const auto first = add_passphrase("first");
  const auto second = add_passphrase("second");
  EXPECT_EQ(slots.remove(base::Uuid()).error().code(), ErrorCode::NotFound);
  ASSERT_TRUE(slots.remove(first));
  EXPECT_EQ(slots.unseal_with_passphrase("first").error().code(), ErrorCode::Unauthenticated);
  expect_root(slots.unseal_with_passphrase("second"));
  EXPECT_EQ(slots.remove(second).error().code(), ErrorCode::Conflict);
  expect_root(slots.unseal_with_passphrase("second"));
}

TEST_F(KeySlotsTest, RefusesToAddWhatItCouldNotReadBack) {
  const auto code_of = [&](std::string_view passphrase, std::string label, std::string created_at,
                           PassphraseParameters parameters) {
    return slots.add_passphrase(root, passphrase, std::move(label), std::move(created_at), parameters).error().code();
  };
  EXPECT_EQ(code_of("", "l", kTime, kSmall), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of("p", std::string(201, 'l'), kTime, kSmall), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of("p", "\xff", kTime, kSmall), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of("p", "two\nlines", kTime, kSmall), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of("p", "l", "yesterday", kSmall), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of("p", "l", kTime, {.memory_bytes = 65536, .passes = 11, .salt = {}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(slots.add_key(root, SlotKind::KeyFile, filled(1, 31), "l", kTime).error().code(),
            ErrorCode::InvalidRequest);
  EXPECT_TRUE(slots.slots().empty());
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(slots.add_key(root, SlotKind::KeyFile, filled(1), "", kTime));
  EXPECT_EQ(slots.add_key(root, SlotKind::KeyFile, filled(1), "", kTime).error().code(), ErrorCode::Conflict);
  EXPECT_TRUE(KeySlots::parse(slots.to_json()));
}

TEST_F(KeySlotsTest, WritesNoSecret) {
  add_passphrase("correct horse");
  const auto text = slots.to_json();
  EXPECT_EQ(text.find("correct horse"), std::string::npos);
  EXPECT_EQ(text.find(base::to_base64(root.expose_secret()).substr(0, 40)), std::string::npos);
}

}  // namespace
}  // namespace egide::crypto
