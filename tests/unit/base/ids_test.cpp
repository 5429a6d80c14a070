#include "egide/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "egide/base/log.h"
#include "egide/base/redacted.h"

namespace egide::base {
namespace {

TEST(UuidTest, ReadsOnlyTheCanonicalForm) {
  const auto id = Uuid::parse("0190B6F0-0000-7000-8000-00000000000a");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->str(), "0190b6f0-0000-7000-8000-00000000000a");
  for (const char* bad : {"", "0190b6f0000070008000000000000001", "{0190b6f0-0000-7000-8000-000000000001}",
                          "0190b6f0-0000-7000-8000-00000000000g", "0190b6f0-0000-7000-8000-0000000000011"})
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
}

TEST(IdsTest, SwappedArgumentsDoNotCompile) {
  static_assert(!std::is_convertible_v<SubjectId, RecordId>);
  static_assert(!std::is_convertible_v<PurposeId, ToolId>);
  static_assert(!std::is_convertible_v<std::string, PurposeId>);
}

TEST(RedactedTest, CannotBeLogged) {
  static_assert(!std::is_constructible_v<LogField, std::string_view, Redacted<std::string>>);
  static_assert(!std::is_convertible_v<Redacted<std::string>, std::string>);
}

}  // namespace
}  // namespace egide::base
