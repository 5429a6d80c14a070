#include "egide/base/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "egide/testing/shared_data.h"
#include "egide/testing/temp_dir.h"

namespace egide::base {
namespace {

TEST(LogTest, AValueCannotForgeALine) {
  testing::TempDir dir;
  configure_log(LogLevel::Info, dir.file("log"));
  log(LogLevel::Info, "request", {{"path", "/a\n{\"event\":\"forged\"}"}, {"status", 200}, {"ok", true}});
  log(LogLevel::Debug, "not written");
  const std::string text = testing::read_file(dir.file("log"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = nlohmann::json::parse(text);
  EXPECT_EQ(line.at("event").get<std::string>(), "request");
  EXPECT_EQ(line.at("status").get<int>(), 200);
}

}  // namespace
}  // namespace egide::base
