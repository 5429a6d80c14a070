#include <gtest/gtest.h>

#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

TEST(CategoryTest, HasTheFormOfAKeyUnderFideslangsTree) {
  for (const char* good : {"user.name", "user.name.first", "user.contact.address.postal_code", "user.job_title",
                           "user.demographic.profile.skills", "user.unique_id.pseudonymous", "user.health.treatment"})
    EXPECT_TRUE(is_category_key(good)) << good;
  for (const char* bad : {"", "user", "user.", ".user", "user..name", "user.Name", "user.name.", "user.nom",
                          "system.name", "user.name first", "user.name.1st", "contact.email", "user.name\n"})
    EXPECT_FALSE(is_category_key(bad)) << bad;
  EXPECT_FALSE(is_category_key("user.name." + std::string(300, 'a')));
}

TEST(CategoryTest, IsKnownToThePackOrNot) {
  const Pack& pack = bundled_pack();
  EXPECT_TRUE(pack.knows_category("user.contact.email"));
  EXPECT_TRUE(pack.knows_category("user.demographic.profile.skills"));
  EXPECT_FALSE(pack.knows_category("user.contact.emial"));
  EXPECT_FALSE(pack.knows_category("user.demographic.profile.shoe_size"));
  EXPECT_TRUE(pack.knows_category("user.workplace"));  // the ends of the sorted table
  EXPECT_TRUE(pack.knows_category("user.account"));
}

TEST(CategoryTest, KnowsArticle9And10) {
  const Pack& pack = bundled_pack();
  EXPECT_TRUE(pack.is_special_category("user.health_and_medical"));
  EXPECT_TRUE(pack.is_special_category("user.health_and_medical.genetic"));
  EXPECT_TRUE(pack.is_special_category("user.demographic.union_membership"));
  EXPECT_TRUE(pack.is_special_category("user.biometrics.voice"));
  EXPECT_FALSE(pack.is_special_category("user.demographic"));
  EXPECT_FALSE(pack.is_special_category("user.criminal_history"));
  EXPECT_TRUE(pack.is_criminal_category("user.criminal_history"));
  EXPECT_FALSE(pack.is_criminal_category("user.name"));
}

}  // namespace
}  // namespace egide::policies::testing
