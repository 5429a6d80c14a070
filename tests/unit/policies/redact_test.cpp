#include <gtest/gtest.h>

#include <random>

#include "egide/policies/transform.h"

namespace egide::policies {
namespace {

const std::vector<std::string> kNames = {"Zoé Martin", "Jean-Pierre de la Tour", "Li"};

TEST(RedactTest, TakesKnownNamesOutHoweverTheyAreSpelled) {
  const std::pair<const char*, const char*> cases[] = {{"Zoé Martin est venue.", "[nom] est venue."},
                                                       {"zoe MARTIN", "[nom]"},
                                                       {"Zoe\xcc\x81 est là", "[nom] est là"},
                                                       {"d'Zoé, l\xe2\x80\x99"
                                                        "appel de Martin",
                                                        "d'[nom], l\xe2\x80\x99"
                                                        "appel de [nom]"},
                                                       {"Jean Pierre ou Jean-Pierre", "[nom] ou [nom]"},
                                                       {"M. de la Tour", "M. de la [nom]"},
                                                       {"Li a parlé de lits", "[nom] a parlé de lits"},
                                                       {"Martinique, Zoéline, tourner", "Martinique, Zoéline, tourner"},
                                                       {"(Martin)", "([nom])"},
                                                       {"MartinMartin", "MartinMartin"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(redact_free_text(text, kNames), expected) << text;
}

TEST(RedactTest, LeavesParticlesAloneButInANameOfNothingElse) {
  EXPECT_EQ(redact_free_text("le pain de la semaine", {"Anne de la Tour"}), "le pain de la semaine");
  EXPECT_EQ(redact_free_text("demander à Van", {"Van"}), "demander à [nom]");
}

TEST(RedactTest, TakesTelephonesOut) {
  for (const char* telephone :
       {"0639982122", "06 39 98 60 59", "04.65.71.52.72", "06-39-98-60-59", "06/39/98/60/59", "+33 6 39 98 88 54",
        "+33639988854", "+33 (0)6 39 98 88 54", "0033 6 39 98 88 54",
        "06\xc2\xa0"
        "39\xc2\xa0"
        "98\xc2\xa0"
        "60\xc2\xa0"
        "59",
        "06\xe2\x80\xaf"
        "39\xe2\x80\xaf"
        "98\xe2\x80\xaf"
        "60\xe2\x80\xaf"
        "59",
        "+44 20 7946 0018", "0 800 123 456", "zéro six trente-neuf quatre-vingt-dix-huit soixante cinquante-neuf",
        "Zéro six, douze, douze, douze, douze"}) {
    const std::string text = std::string("appeler au ") + telephone + " le soir";
    EXPECT_EQ(redact_free_text(text, {}), "appeler au [téléphone] le soir") << telephone;
  }
}

TEST(RedactTest, TakesAddressesOfMailAndWebOut) {
  const std::pair<const char*, const char*> cases[] = {
      {"zoe.martin+asso@example.org", "[courriel]"},
      {"écrire à zoé@exemple.fr.", "écrire à [courriel]."},
      {"<zoe@example.org>", "<[courriel]>"},
      {"zoe (at) example.org", "[courriel]"},
      {"zoe arobase example point org", "[courriel]"},
      {"voir https://example.org/p?zoe=1, merci", "voir [lien], merci"},
      {"HTTP://EXAMPLE.ORG", "[lien]"},
      {"www.example.org/zoe", "[lien]"},
      {"sur facebook.com/zoe.m", "sur [lien]"},
      {"mon insta @zoe_m", "mon insta [courriel]"},
      {"la fin.Le début", "la fin.Le début"},
      {"M.Dupont", "M.Dupont"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(redact_free_text(text, {}), expected) << text;
}

TEST(RedactTest, TakesLongNumbersOut) {
  for (const char* number : {"FR76 3000 6000 0112 3456 7890 189", "fr7630006000011234567890189",
                             "1 85 05 78 006 084 36", "185057800608436", "1 85 05 2A 006 084 36", "4970 1012 3456 7890",
                             "1234567", "BEN-00001", "AB-123-CD", "12AB34567", "DE89 3704 0044 0532 0130 00"}) {
    const std::string text = std::string("n° ") + number + ", merci";
    EXPECT_EQ(redact_free_text(text, {}), "n° [numéro], merci") << number;
  }
}

TEST(RedactTest, LeavesOrdinaryTextAlone) {
  for (const char* text :
       {"Préfère les missions en binôme.", "Ne souhaite pas être appelé avant 10 h.", "le 12/03/2024 à 14h30",
        "depuis 2019", "2024-03-12 14:30", "20 m², 3 enfants de 4, 6 et 9 ans", "12,50 euros",
        "1) charte signée\n2) photo", "69003 Lyon", "rendez-vous vendredi", "", "zéro souci", "bus C13 puis T2",
        "€ 100 — merci 🙂"})
    EXPECT_EQ(redact_free_text(text, kNames), text);
}

TEST(RedactTest, TakesEverythingOutOfOneMessage) {
  EXPECT_EQ(
      redact_free_text("Bonjour, c'est Zoé Martin (zoe@example.org, 06 39 98 60 59). Mon fils est malade.", kNames),
      "Bonjour, c'est [nom] ([courriel], [téléphone]). Mon fils est malade.");
}

TEST(RedactTest, LeavesNothingOfARandomNameOrNumber) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const std::string letters = "bcdfghjklmnpqrstvwxz";
  for (int i = 0; i < 2000; ++i) {
    std::string name;
    for (int n = 0; n < 6; ++n) name += letters[random() % letters.size()];
    std::string telephone = "0";
    for (int n = 0; n < 9; ++n) {
      if (n % 2 == 1) telephone += " .-"[random() % 3];
      telephone += static_cast<char>('1' + static_cast<char>(random() % 9));
    }
    const std::string out = redact_free_text("avec " + name + ", au " + telephone + ".", {name});
    ASSERT_EQ(out, "avec [nom], au [téléphone].") << "seed " << seed << ": " << name << " " << telephone;
  }
}

TEST(RedactTest, EndsOnAnyBytes) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const std::string likely = "@+0123456789 .-/()aZFRw\xc3\xa9\xe2\x80\xaf\xff";
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n) text += likely[random() % likely.size()];
    ASSERT_LE(redact_free_text(text, {"aZ"}).size(), text.size() * 12 + 12) << "seed " << seed;
  }
}

}  // namespace
}  // namespace egide::policies
