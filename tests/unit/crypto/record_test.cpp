#include "egide/crypto/record.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "crypto_testing.h"
#include "egide/crypto/hash.h"

namespace egide::crypto {
namespace {

using base::as_bytes;
using base::ErrorCode;

constexpr std::string_view kPlaintext = "alice@example.org";
const RecordPlace kPlace{.tenant = "tenant-1",
                         .table = "person",
                         .record = "0190b6f0-0000-7000-8000-000000000001",
                         .field = "email",
                         .version = 1,
                         .subject = "s-0001"};

base::ByteArray<24> nonce() { return base::to_array<24>(filled(0x24, 24)).value(); }
base::Bytes worked_record() {
  return seal_record_with_nonce(filled(0x42), record_ad(kPlace), as_bytes(kPlaintext), nonce());
}

void expect_closed(const base::Result<base::Bytes>& opened, const std::string& what) {
  ASSERT_FALSE(opened) << what;
  EXPECT_EQ(opened.error().code(), ErrorCode::Integrity) << what;
  EXPECT_EQ(opened.error().message(), "A protected value does not open") << what;
}

// docs/formats/record.md, "Worked example".
TEST(RecordTest, MatchesTheWorkedExample) {
  const auto ad = record_ad(kPlace);
  EXPECT_EQ(ad.size(), 133U);
  EXPECT_EQ(base::to_hex(blake2b_256({}, ad)), "3b2786959b9264845fc20e12047126f5c2ae2dbfd4a71be3a58ba642e10c0c8f");
  const auto record = worked_record();
  ASSERT_EQ(record.size(), 90U);
  EXPECT_EQ(base::to_hex(base::ByteView(record).subspan(25, 32)),
            "474e101ceffac7d9846bf837447f855cb0fdc73e468b08fef29d7403ae86dbdb");
  EXPECT_EQ(base::to_hex(base::ByteView(record).subspan(57)),
            "0b8e32eabfbec825e580c892d31818bf6e9e7f26e726f5f170f317434455dbd255");
  EXPECT_EQ(base::to_hex(sha256(record)), "79a42c0ee2f24d53b5cbea42632125c08c33c22be326efd10ad5e770ceab17da");
  EXPECT_EQ(base::as_text(open_record(filled(0x42), ad, record).value()), kPlaintext);
}

TEST(RecordTest, OpensWhatItSealedAtEveryLength) {
  for (std::size_t size : {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 4096U, 100000U}) {
    const auto plaintext = filled(static_cast<int>(size % 251), size);
    const auto record = seal_record(filled(1), as_bytes("ad"), plaintext);
    EXPECT_EQ(record.size(), size + kRecordOverhead);
    const auto opened = open_record(filled(1), as_bytes("ad"), record);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, plaintext);
  }
}

TEST(RecordTest, SealsOneValueDifferentlyEachTime) {
  const auto first = seal_record(filled(1), {}, as_bytes("same"));
  const auto second = seal_record(filled(1), {}, as_bytes("same"));
  EXPECT_NE(base::to_bytes(base::ByteView(first).subspan(1, 24)),
            base::to_bytes(base::ByteView(second).subspan(1, 24)));
  EXPECT_NE(base::to_bytes(base::ByteView(first).subspan(57)), base::to_bytes(base::ByteView(second).subspan(57)));
}

TEST(RecordTest, StaysClosedWhenAnyBitIsFlipped) {
  const auto ad = record_ad(kPlace);
  const auto record = worked_record();
  for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
    auto damaged = record;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    expect_closed(open_record(filled(0x42), ad, damaged), "bit " + std::to_string(bit));
  }
}

TEST(RecordTest, StaysClosedWhenAnyBitOfTheAdIsFlipped) {
  const auto ad = record_ad(kPlace);
  const auto record = worked_record();
  for (std::size_t bit = 0; bit < ad.size() * 8; ++bit) {
    auto other = ad;
    other[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    expect_closed(open_record(filled(0x42), other, record), "bit " + std::to_string(bit));
  }
}

TEST(RecordTest, StaysClosedInAnyOtherPlace) {
  const std::vector<std::pair<const char*, std::function<void(RecordPlace&)>>> moves = {
      {"tenant", [](RecordPlace& p) { p.tenant = "tenant-2"; }},
      {"table", [](RecordPlace& p) { p.table = "persons"; }},
      {"record", [](RecordPlace& p) { p.record = "0190b6f0-0000-7000-8000-000000000002"; }},
      {"field", [](RecordPlace& p) { p.field = "phone"; }},
      {"version", [](RecordPlace& p) { p.version = 2; }},
      {"subject", [](RecordPlace& p) { p.subject = "s-0002"; }},
      {"table and record swapped", [](RecordPlace& p) { std::swap(p.table, p.record); }},
      {"a letter moved", [](RecordPlace& p) { p.tenant = "tenant-", p.table = "1person"; }},
  };
  for (const auto& [what, move] : moves) {
    RecordPlace place = kPlace;
    move(place);
    expect_closed(open_record(filled(0x42), record_ad(place), worked_record()), what);
  }
}

TEST(RecordTest, StaysClosedWhenCutOrExtended) {
  const auto ad = record_ad(kPlace);
  const auto record = worked_record();
  for (std::size_t size = 0; size < record.size(); ++size) {
    expect_closed(open_record(filled(0x42), ad, base::ByteView(record).first(size)), std::to_string(size));
    expect_closed(open_record(filled(0x42), ad, base::ByteView(record).last(size)), "end " + std::to_string(size));
  }
  auto longer = record;
  longer.push_back(std::byte{0});
  expect_closed(open_record(filled(0x42), ad, longer), "one byte more");
}

TEST(RecordTest, StaysClosedUnderAnyOtherKey) {
  const auto ad = record_ad(kPlace);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto key = filled(0x42);
    key[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    expect_closed(open_record(key, ad, worked_record()), "bit " + std::to_string(bit));
  }
}

TEST(RecordDeathTest, StopsOnAKeyOfAnotherSize) {
  EXPECT_DEATH(static_cast<void>(seal_record(filled(1, 31), {}, {})), "kSize");
  EXPECT_DEATH(static_cast<void>(open_record(filled(1, 33), {}, worked_record())), "kSize");
  EXPECT_DEATH(static_cast<void>(wrap_key(filled(1), {}, filled(2, 31))), "kSize");
}

TEST(WrapKeyTest, GivesBackTheKey) {
  const auto wrap = wrap_key(filled(1), as_bytes("ad"), filled(9));
  EXPECT_EQ(wrap.size(), 105U);
  EXPECT_EQ(base::to_bytes(unwrap_key(filled(1), as_bytes("ad"), wrap).value().expose_secret()), filled(9));
  EXPECT_EQ(base::to_bytes(unwrap_secret(filled(1), as_bytes("ad"), wrap).value().expose_secret()), filled(9));
}

TEST(WrapKeyTest, StaysClosedUnderAnotherKeyOrAd) {
  const auto wrap = wrap_key(filled(1), as_bytes("ad"), filled(9));
  EXPECT_EQ(unwrap_key(filled(2), as_bytes("ad"), wrap).error().code(), ErrorCode::Integrity);
  EXPECT_EQ(unwrap_key(filled(1), as_bytes("da"), wrap).error().code(), ErrorCode::Integrity);
  EXPECT_EQ(unwrap_secret(filled(2), as_bytes("ad"), wrap).error().code(), ErrorCode::Integrity);
}

// A record that opens and yet holds no key of 32 bytes.
TEST(WrapKeyTest, RefusesAValueThatIsNoKey) {
  for (std::size_t size : {0U, 31U, 33U}) {
    const auto record = seal_record(filled(1), {}, filled(9, size));
    EXPECT_EQ(unwrap_key(filled(1), {}, record).error().code(), ErrorCode::Integrity) << size;
    EXPECT_EQ(unwrap_secret(filled(1), {}, record).error().code(), ErrorCode::Integrity) << size;
  }
}

}  // namespace
}  // namespace egide::crypto
