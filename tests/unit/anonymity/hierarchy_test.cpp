#include "egide/anonymity/hierarchy.h"

#include <gtest/gtest.h>

namespace egide::anonymity {
namespace {

using Texts = std::vector<std::string>;

TEST(HierarchyTest, PutsNumbersIntoBands) {
  const Hierarchy h = number_hierarchy({"0", "4", "5", "37", "", "unknown", "-3"}, {5, 10});
  ASSERT_EQ(h.levels(), 4);
  EXPECT_EQ(h.labels[1], (Texts{"0-4", "0-4", "5-9", "35-39", "", "unknown", "-3"}));
  EXPECT_EQ(h.labels[2], (Texts{"0-9", "0-9", "0-9", "30-39", "", "unknown", "-3"}));
  EXPECT_EQ(h.labels[3], Texts(7, "*"));
  EXPECT_TRUE(check_hierarchy(h, 7));
}

TEST(HierarchyTest, CoversTheEndsOfTexts) {
  const Hierarchy h = prefix_hierarchy({"13053", "13068", "14850"});
  // "1305*" and "1306*" part the same people as the whole codes do, so that level is left out.
  EXPECT_EQ(h.labels[1], (Texts{"130**", "130**", "148**"}));
  EXPECT_TRUE(check_hierarchy(h, 3));
}

TEST(HierarchyTest, JoinsBandsWithTheirNeighbours) {
  const Hierarchy h = band_hierarchy({"60+", "<18", "18-29", "45-59", "30-44", "unknown"});
  EXPECT_EQ(h.labels[1], (Texts{"60+", "<18..18-29", "<18..18-29", "30-44..45-59", "30-44..45-59", "unknown"}));
  EXPECT_EQ(h.labels[2], (Texts{"60+", "<18..45-59", "<18..45-59", "<18..45-59", "<18..45-59", "unknown"}));
  EXPECT_EQ(h.labels.back(), Texts(6, "*"));
  EXPECT_TRUE(check_hierarchy(h, 6));
}

TEST(HierarchyTest, LeavesOutLevelsThatJoinNobody) {
  EXPECT_EQ(number_hierarchy({"10", "20", "30"}, {5, 10}).levels(), 2);
  EXPECT_EQ(flat_hierarchy({"a", "b"}).levels(), 2);
  EXPECT_EQ(flat_hierarchy({}).levels(), 2);
}

TEST(HierarchyTest, RefusesWhatIsNoHierarchy) {
  Hierarchy h = number_hierarchy({"1", "2", "12"}, {10});
  EXPECT_TRUE(check_hierarchy(h, 3));
  EXPECT_FALSE(check_hierarchy(h, 4));
  Hierarchy splits = h;
  splits.labels[2] = {"*", "other", "*"};  // parts "1" and "2", which level 1 had joined
  EXPECT_FALSE(check_hierarchy(splits, 3));
  Hierarchy unnamed = h;
  unnamed.names.pop_back();
  EXPECT_FALSE(check_hierarchy(unnamed, 3));
  EXPECT_FALSE(check_hierarchy({}, 0));
  Hierarchy ends = h;
  ends.labels.back() = {"all", "all", "all"};
  EXPECT_FALSE(check_hierarchy(ends, 3));
}

}  // namespace
}  // namespace egide::anonymity
