#include <gtest/gtest.h>

#include "fold.h"
#include "transform_values.h"

namespace egide::policies {
namespace {

std::string joined(const std::vector<std::string>& slots) {
  std::string out;
  for (const auto& slot : slots) out += (out.empty() ? "" : ", ") + slot;
  return out;
}

TEST(SlotsTest, AreReadFromWhatPeopleWrite) {
  const std::pair<const char*, const char*> cases[] = {
      {"lundi soir, mercredi après-midi", "lundi soir, mercredi après-midi"},
      {"Mercredi aprem ; LUNDI SOIR", "lundi soir, mercredi après-midi"},
      {"mercredi apres midi", "mercredi après-midi"},
      {"lundi matin et soir", "lundi matin, lundi soir"},
      {"lundi et mardi soir", "lundi soir, mardi soir"},
      {"lundi, mardi soir", "lundi, mardi soir"},
      {"les samedis matins", "samedi matin"},
      {"week-end", "samedi, dimanche"},
      {"le weekend matin", "samedi matin, dimanche matin"},
      {"lundi soir, lundi soir", "lundi soir"},
      {"Monday evening, Saturday morning", "lundi soir, samedi matin"},
      {"jeudi", "jeudi"},
      {"", ""},
      {"quand je veux", ""}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(joined(slots_in(text)), expected) << text;
}

TEST(SlotsTest, LoseEveryReason) {
  EXPECT_EQ(joined(slots_in("mardi soir car mon fils Léo est chez son père, vendredi matin (dialyse le soir)")),
            "mardi soir, vendredi matin");
}

TEST(SlotsTest, AreLeftOutWhereTheItemSaysNo) {
  EXPECT_EQ(joined(slots_in("pas le lundi, mardi sauf le soir, jeudi matin")), "jeudi matin");
  EXPECT_EQ(joined(slots_in("lundi (pas le soir), jeudi")), "jeudi");
}

TEST(FoldTest, TakesAccentsAndCapitalsAway) {
  const std::pair<const char*, const char*> cases[] = {{"Zoé", "zoe"},
                                                       {"ZOÉ", "zoe"},
                                                       {"Zoe\xcc\x81", "zoe"},
                                                       {"Cœur", "coeur"},
                                                       {"Œuvre", "oeuvre"},
                                                       {"Straße", "strasse"},
                                                       {"Ægir", "aegir"},
                                                       {"Łukasz", "lukasz"},
                                                       {"Çelik", "celik"},
                                                       {"Ñuñez", "nunez"},
                                                       {"Dvořák", "dvorak"},
                                                       {"Žižek", "zizek"},
                                                       {"ÿ Ÿ", "y y"},
                                                       {"ſ", "s"},
                                                       {"5×7", "5×7"},
                                                       {"Ελένη", "Ελένη"},
                                                       {"", ""}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(fold(text), expected) << text;
}

TEST(FoldTest, PassesOverIllFormedBytes) {
  for (const char* text : {"\xc3", "a\xe2\x82", "\xff\xfe", "\xf0\x9f\x98", "\xc3\x28"})
    EXPECT_FALSE(fold(text).empty());
}

}  // namespace
}  // namespace egide::policies
