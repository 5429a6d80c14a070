#include "egide/crypto/epoch_keys.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "crypto_testing.h"
#include "egide/base/json.h"

namespace egide::crypto {
namespace {

using base::ErrorCode;
using base::Json;

class EpochKeysTest : public ::testing::Test {
 protected:
  WrappedSubjectKeys wrap(Epoch epoch) const { return wrap_subject_keys(keys, epoch, subject, dek, kaudit); }
  static base::SubjectId id(std::string_view text) { return base::SubjectId::parse(text).value(); }

  const SecretBytes root = SecretBytes::random(32).value();
  const base::SubjectId subject = id("0190b6f0-0000-7000-8000-000000000001");
  const base::SubjectId other = id("0190b6f0-0000-7000-8000-000000000002");
  const SecretKey dek = SecretKey::copy_of(filled(0x42));
  const SecretKey kaudit = SecretKey::copy_of(filled(0x22));
  EpochKeys keys;
};

// docs/formats/epoch-keys.md, "Worked example": made by another implementation.
TEST_F(EpochKeysTest, OpensTheWorkedExample) {
  const auto example = EpochKeys::parse(secret(0x01), json_example("epoch-keys.md")).value();
  EXPECT_EQ(example.size(), 2U);
  EXPECT_EQ(example.current().value(), 20782);
  EXPECT_EQ(base::to_bytes(example.find(20781)->expose_secret()), filled(0x0a));
  EXPECT_EQ(base::to_bytes(example.find(20782)->expose_secret()), filled(0x0b));

  const Json row = base::parse_json(json_example("epoch-keys.md", 1)).value();
  WrappedSubjectKeys wrapped{.epoch = 20782, .version = 1, .dek = {}, .kaudit = {}};
  wrapped.dek = base::from_base64(row["dek"].get<std::string>()).value();
  wrapped.kaudit = base::from_base64(row["kaudit"].get<std::string>()).value();
  EXPECT_EQ(base::to_bytes(unwrap_dek(example, subject, wrapped).value().expose_secret()), filled(0x42));
  EXPECT_EQ(base::to_bytes(unwrap_kaudit(example, subject, wrapped).value().expose_secret()), filled(0x22));
}

TEST_F(EpochKeysTest, KeepsItsKeysThroughTheFile) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  const auto wrapped = wrap(11);
  const auto read = EpochKeys::parse(root, keys.to_json(root)).value();
  EXPECT_EQ(read.size(), 2U);
  EXPECT_EQ(base::to_bytes(unwrap_dek(read, subject, wrapped).value().expose_secret()), filled(0x42));
  EXPECT_EQ(base::to_bytes(unwrap_kaudit(read, subject, wrapped).value().expose_secret()), filled(0x22));
  EXPECT_EQ(EpochKeys::parse(secret(1), keys.to_json(root)).error().code(), ErrorCode::Integrity);
}

TEST_F(EpochKeysTest, KnowsItsNewestAndOldestDay) {
  EXPECT_EQ(keys.current().error().code(), ErrorCode::NotFound);
  EXPECT_EQ(keys.oldest().error().code(), ErrorCode::NotFound);
  ASSERT_TRUE(keys.add(11));
  ASSERT_TRUE(keys.add(10));
  EXPECT_EQ(keys.current().value(), 11);
  EXPECT_EQ(keys.oldest().value(), 10);
  EXPECT_EQ(keys.add(11).error().code(), ErrorCode::Conflict);
  EXPECT_EQ(keys.find(9), nullptr);
  EXPECT_FALSE(equal_constant_time(keys.find(10)->expose_secret(), keys.find(11)->expose_secret()));
}

TEST_F(EpochKeysTest, ADestroyedDayTakesItsWrapsAlong) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  const auto old_wrap = wrap(10);
  const auto new_wrap = wrap(11);
  const std::string file_before = keys.to_json(root);
  keys.destroy_before(11);
  EXPECT_EQ(unwrap_dek(keys, subject, old_wrap).error().code(), ErrorCode::Gone);
  EXPECT_EQ(unwrap_kaudit(keys, subject, old_wrap).error().code(), ErrorCode::Gone);
  EXPECT_TRUE(unwrap_dek(keys, subject, new_wrap));
  const auto read = EpochKeys::parse(root, keys.to_json(root)).value();
  EXPECT_EQ(unwrap_dek(read, subject, old_wrap).error().code(), ErrorCode::Gone);
  // Why the file is in no backup: a copy of it undoes the erasure.
  EXPECT_TRUE(unwrap_dek(EpochKeys::parse(root, file_before).value(), subject, old_wrap));
}

TEST_F(EpochKeysTest, WipesADestroyedKey) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  const base::ByteView place = keys.find(10)->expose_secret();
  keys.destroy_before(11);
  EXPECT_EQ(base::to_bytes(place), filled(0));
}

TEST_F(EpochKeysTest, DestroysNothingThatIsKept) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(12));
  keys.destroy_before(10);
  EXPECT_EQ(keys.size(), 2U);
  keys.destroy_before(13);
  EXPECT_EQ(keys.size(), 0U);
}

TEST_F(EpochKeysTest, CallsALostKeyLostAndNotErased) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  const auto wrapped = wrap(11);
  EpochKeys stale;  // an older copy of the file, without today's key
  ASSERT_TRUE(stale.add(10));
  EXPECT_EQ(unwrap_dek(stale, subject, wrapped).error().code(), ErrorCode::Integrity);
}

TEST_F(EpochKeysTest, BindsAWrapToPersonDayVersionAndUse) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  const auto code_of = [&](const base::SubjectId& person, const std::function<void(WrappedSubjectKeys&)>& change) {
    auto wrapped = wrap(10);
    change(wrapped);
    return unwrap_dek(keys, person, wrapped).error().code();
  };
  EXPECT_EQ(code_of(other, [](auto&) {}), ErrorCode::Integrity);
  EXPECT_EQ(code_of(subject, [](auto& w) { w.epoch = 11; }), ErrorCode::Integrity);
  EXPECT_EQ(code_of(subject, [](auto& w) { w.version = 2; }), ErrorCode::Integrity);
  EXPECT_EQ(code_of(subject, [](auto& w) { std::swap(w.dek, w.kaudit); }), ErrorCode::Integrity);
  EXPECT_EQ(code_of(subject, [](auto& w) { w.dek.back() ^= std::byte{1}; }), ErrorCode::Integrity);
  EXPECT_EQ(code_of(subject, [](auto& w) { w.dek.clear(); }), ErrorCode::Integrity);
}

TEST_F(EpochKeysTest, DoesNotTakeAKeyForThatOfAnotherDay) {
  ASSERT_TRUE(keys.add(10));
  Json document = base::parse_json(keys.to_json(root)).value();
  document["keys"][0]["epoch"] = 11;
  EXPECT_EQ(EpochKeys::parse(root, document.dump()).error().code(), ErrorCode::Integrity);
}

TEST_F(EpochKeysTest, RefusesAFileThatIsNotInTheFormatAndSaysWhere) {
  ASSERT_TRUE(keys.add(10));
  ASSERT_TRUE(keys.add(11));
  struct Case {
    const char* pointer;
    std::function<void(Json&)> change;
  };
  const Case cases[] = {
      {"/version", [](Json& d) { d["version"] = 2; }},
      {"/keys", [](Json& d) { d.erase("keys"); }},
      {"/extra", [](Json& d) { d["extra"] = 1; }},
      {"/keys/0", [](Json& d) { d["keys"][0] = "x"; }},
      {"/keys/0/extra", [](Json& d) { d["keys"][0]["extra"] = 1; }},
      {"/keys/0/epoch", [](Json& d) { d["keys"][0]["epoch"] = -1; }},
      {"/keys/0/epoch", [](Json& d) { d["keys"][0]["epoch"] = 1LL << 31; }},
      {"/keys/1/epoch", [](Json& d) { d["keys"][1]["epoch"] = 10; }},
      {"/keys/1/epoch", [](Json& d) { std::swap(d["keys"][0], d["keys"][1]); }},
      {"/keys/0/wrap", [](Json& d) { d["keys"][0]["wrap"] = "*"; }},
  };
  for (const auto& c : cases) {
    Json document = base::parse_json(keys.to_json(root)).value();
    c.change(document);
    const auto parsed = EpochKeys::parse(root, document.dump());
    ASSERT_FALSE(parsed) << c.pointer;
    EXPECT_EQ(parsed.error().code(), ErrorCode::InvalidRequest) << c.pointer;
    EXPECT_EQ(parsed.error().fields().at(0).pointer, c.pointer);
  }
  EXPECT_EQ(EpochKeys::parse(root, R"({"version": 1, "keys": []})").value().size(), 0U);
}

TEST_F(EpochKeysTest, HoldsAYearOfDaysInTheArena) {
  for (Epoch day = 1; day <= 366; ++day) ASSERT_TRUE(keys.add(day)) << day;
  EXPECT_EQ(EpochKeys::parse(root, keys.to_json(root)).value().size(), 366U);
}

using EpochKeysDeathTest = EpochKeysTest;

TEST_F(EpochKeysDeathTest, StopsWhenAskedToWrapUnderADayWithoutAKey) {
  EXPECT_DEATH(static_cast<void>(wrap(10)), "epoch_key != nullptr");
}

}  // namespace
}  // namespace egide::crypto
