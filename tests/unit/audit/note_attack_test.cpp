// What a server that lies, or a line that was changed on the way, can do to a checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egide/audit/note.h"
#include "memory_log.h"

namespace egide::audit {
namespace {

using ::testing::HasSubstr;
using testing::key_of;
using testing::kOrigin;
using testing::verifier_of;

const std::string kDash = "\xE2\x80\x94 ";

Checkpoint state(std::uint64_t size, unsigned char fill = 0x42) {
  Checkpoint out{kOrigin, size, {}};
  out.root.fill(static_cast<std::byte>(fill));
  return out;
}

std::string good_note() { return sign_checkpoint(state(1000), key_of(7)); }

void expect_refused(const std::string& note, const std::string& why) {
  const auto opened = open_checkpoint(note, verifier_of(key_of(7)));
  ASSERT_FALSE(opened) << note;
  EXPECT_EQ(opened.error().code(), base::ErrorCode::Integrity);
  EXPECT_THAT(opened.error().message(), HasSubstr(why));
}

std::string line_with(std::uint32_t id, const std::string& name, base::Bytes payload) {
  base::Bytes bytes;
  base::append_be16(bytes, static_cast<std::uint16_t>(id >> 16));
  base::append_be16(bytes, static_cast<std::uint16_t>(id & 0xffff));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return kDash + name + " " + base::to_base64(bytes) + "\n";
}

// Signs any text, as a dishonest log can.
std::string signed_text(const std::string& text, const crypto::SigningKey& key) {
  const auto signature = key.sign(base::as_bytes(text));
  return text + "\n" + line_with(verifier_of(key).id, kOrigin, base::to_bytes(base::ByteView(signature)));
}

TEST(NoteAttackTest, RefusesEveryChangedByte) {
  const auto note = good_note();
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (const int bit : {0, 3, 6}) {
      std::string bad = note;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(open_checkpoint(bad, verifier_of(key_of(7)))) << i;
    }
    EXPECT_FALSE(open_checkpoint(note.substr(0, i), verifier_of(key_of(7)))) << i;
  }
}

TEST(NoteAttackTest, RefusesAnotherOriginEvenUnderTheRightKey) {
  Checkpoint other = state(1000);
  other.origin = "evil.example.org/audit";
  expect_refused(sign_checkpoint(other, key_of(7)), "origin");
  // The right origin in the text, signed under another name.
  auto note = good_note();
  note.replace(note.rfind(kOrigin), std::string(kOrigin).size(), "evil.example.org/audit");
  expect_refused(note, "not signed by the trusted key");
}

TEST(NoteAttackTest, RefusesAnotherKeyUnderTheSameName) {
  expect_refused(sign_checkpoint(state(1000), key_of(9)), "not signed by the trusted key");
}

TEST(NoteAttackTest, RefusesACollidingKeyId) {
  const auto text = state(1000).body();
  const auto evil = key_of(9).sign(base::as_bytes(text));
  const auto id = verifier_of(key_of(7)).id;
  const auto line = line_with(id, kOrigin, base::to_bytes(base::ByteView(evil)));
  expect_refused(text + "\n" + line, "not valid");
  // Also beside a good signature: what claims the key must verify.
  expect_refused(good_note() + line, "not valid");
  // The same id under another name is somebody else's line.
  EXPECT_TRUE(open_checkpoint(good_note() + line_with(id, "other.example.org", base::to_bytes(base::ByteView(evil))),
                              verifier_of(key_of(7))));
}

TEST(NoteAttackTest, Accepts100SignatureLinesAndRefuses101) {
  std::string note = good_note();
  for (std::uint32_t i = 1; i < 100; ++i)
    note += line_with(i, "witness" + std::to_string(i) + ".example.org", base::Bytes(64));
  EXPECT_TRUE(open_checkpoint(note, verifier_of(key_of(7))));
  note += line_with(100, "witness100.example.org", base::Bytes(64));
  expect_refused(note, "100");
}

TEST(NoteAttackTest, AcceptsUnknownLinesOf4096CharactersAndRefusesLongerOnes) {
  std::string line = line_with(5, "w", base::Bytes(3060));
  std::string name = "w";
  while (line_with(5, name, base::Bytes(3060)).size() < 4097) name += "w";  // with the line feed
  line = line_with(5, name, base::Bytes(3060));
  ASSERT_EQ(line.size(), 4097u);
  EXPECT_TRUE(open_checkpoint(good_note() + line, verifier_of(key_of(7))));
  expect_refused(good_note() + line_with(5, name + "w", base::Bytes(3060)), "too long");
}

TEST(NoteAttackTest, RefusesMalformedSignatureLines) {
  const auto note = good_note();
  expect_refused(note + kDash + "w.example.org !!!!\n", "base64");
  expect_refused(note + kDash + "w.example.org AAAAAQ\n", "base64");     // no padding
  expect_refused(note + kDash + "w.example.org AAAAAR==\n", "base64");   // non-zero trailing bits
  expect_refused(note + kDash + "w.example.org AAAAAA==\n", "base64");   // nothing after the key id
  expect_refused(note + kDash + "w.example.org AAAA AAAA\n", "base64");  // a space inside
  expect_refused(note + kDash + "w.example.org\n", "malformed");
  expect_refused(note + kDash + " AAAAAQE=\n", "malformed");
  expect_refused(note + "- w.example.org AAAAAQE=\n", "malformed");
  expect_refused(note + kDash + "w+w AAAAAQE=\n", "plus");
  expect_refused(note + "\n", "signature");
  expect_refused(note.substr(0, note.size() - 1), "signature");
  expect_refused(state(1000).body(), "signature part");
  expect_refused(state(1000).body() + "\n", "signature");
  expect_refused("", "signature part");
}

TEST(NoteAttackTest, RefusesATextThatIsNotThreeLines) {
  const auto key = key_of(7);
  const std::string root = base::to_base64(state(1).root);
  const std::string origin = kOrigin;
  expect_refused(signed_text(origin + "\n1000\n", key), "fewer than three");
  expect_refused(signed_text(origin + "\n1000\n" + root + "\nextension\n", key), "more than three");
  expect_refused(signed_text(origin + "\n1000\n" + root + "\n\nx\n", key), "more than three");
  expect_refused(signed_text("\n1000\n" + root + "\n", key), "origin");
  expect_refused(signed_text(origin + " \n1000\n" + root + "\n", key), "origin");
  expect_refused(signed_text(origin + "\r\n1000\n" + root + "\n", key), "not text");
  expect_refused(signed_text(origin + "\xff\n1000\n" + root + "\n", key), "not text");
}

TEST(NoteAttackTest, RefusesSizesAndRootsOfAnotherForm) {
  const auto key = key_of(7);
  const std::string root = base::to_base64(state(1).root);
  const std::string origin = kOrigin;
  for (const std::string size :
       {"", "01000", "+1", "-1", "1e3", "0x10", " 1", "9223372036854775808", "18446744073709551616"})
    expect_refused(signed_text(origin + "\n" + size + "\n" + root + "\n", key), "size");
  EXPECT_TRUE(open_checkpoint(signed_text(origin + "\n9223372036854775807\n" + root + "\n", key), verifier_of(key)));
  const auto short_root = base::to_base64(base::Bytes(31));
  for (const std::string& bad : {std::string(), short_root, root.substr(0, root.size() - 1), root + "AAAA"})
    expect_refused(signed_text(origin + "\n1000\n" + bad + "\n", key), "root");
}

TEST(NoteAttackTest, RefusesASignatureOfTheWrongLength) {
  const auto key = verifier_of(key_of(7));
  const auto text = state(1000).body();
  expect_refused(text + "\n" + line_with(key.id, kOrigin, base::Bytes(63)), "not valid");
  expect_refused(text + "\n" + line_with(key.id, kOrigin, base::Bytes(65)), "not valid");
}

}  // namespace
}  // namespace egide::audit
