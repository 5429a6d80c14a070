#include <gtest/gtest.h>

#include <functional>

#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

struct Spoiled {
  const char* name;
  std::function<void(json&)> spoil;
  const char* pointer;
  const char* begins;  // of the detail
};

json& core(json& d) { return d["purposes"][0]; }  // membership.admin
json& ai(json& d) { return d["purposes"][1]; }    // ai.mission_matching

// One entry a kind of mistake: what was done to a good pack, and where and how it is told.
const std::vector<Spoiled>& spoiled() {
  static const std::vector<Spoiled> list = {
      {"missing top member", [](json& d) { d.erase("jurisdiction"); }, "/jurisdiction", "is required"},
      {"unknown top member", [](json& d) { d["purpose"] = 1; }, "/purpose",
       "is not a known member (known here: format"},
      {"unknown member below", [](json& d) { ai(d)["consent"]["validty"] = "P1Y"; }, "/purposes/1/consent/validty",
       "is not a known member (known here: explicit, validity"},
      {"wrong type", [](json& d) { core(d)["id"] = 7; }, "/purposes/0/id", "must be a string"},
      {"empty text", [](json& d) { core(d)["dpv_purpose"] = ""; }, "/purposes/0/dpv_purpose", "must have between 1"},
      {"object expected", [](json& d) { core(d)["retention"] = "P1Y"; }, "/purposes/0/retention", "must be an object"},
      {"array expected", [](json& d) { core(d)["rights"] = "access"; }, "/purposes/0/rights", "must be an array"},
      {"string in array expected", [](json& d) { core(d)["rights"][0] = 1; }, "/purposes/0/rights/0",
       "must be a string"},
      {"boolean expected", [](json& d) { ai(d)["consent"]["explicit"] = "yes"; }, "/purposes/1/consent/explicit",
       "must be true or false"},
      {"wrong enumerator", [](json& d) { core(d)["minors"] = "forbidden"; }, "/purposes/0/minors",
       "must be one of guardian_below_age, not_allowed, guardian_not_required"},
      {"unknown legal basis", [](json& d) { core(d)["legal_basis"] = "eu-gdpr:A6-1-g"; }, "/purposes/0/legal_basis",
       "must be one of eu-gdpr:A6-1-a"},
      {"no duration", [](json& d) { core(d)["retention"]["after"] = "3 years"; }, "/purposes/0/retention/after",
       "must be an ISO 8601 duration"},
      {"no duration, a number", [](json& d) { d["parameters"]["login_code"]["value"] = 15; },
       "/parameters/login_code/value", "must be an ISO 8601 duration"},
      {"neither duration nor word", [](json& d) { core(d)["retention"]["active"] = "3 ans"; },
       "/purposes/0/retention/active", "must be an ISO 8601 duration, or one lower-case word"},
      {"share beyond one", [](json& d) { ai(d)["human_oversight"]["review_coverage_min"] = 1.5; },
       "/purposes/1/human_oversight/review_coverage_min", "must be a number between 0 and 1"},
      {"number with a fraction", [](json& d) { d["parameters"]["minor_consent_age"]["value"] = 15.5; },
       "/parameters/minor_consent_age/value", "must be an integer"},
      {"id twice", [](json& d) { ai(d)["id"] = "membership.admin"; }, "/purposes/1/id", "stands twice"},
      {"id of another form", [](json& d) { core(d)["id"] = "Membership"; }, "/purposes/0/id",
       "must be lower-case words"},
      {"entry twice in a list", [](json& d) { core(d)["rights"][1] = "access"; }, "/purposes/0/rights/1",
       "stands twice in the list"},
      {"label in one language", [](json& d) { core(d)["label"].erase("en"); }, "/purposes/0/label/en", "is required"},
      {"consent rule missing", [](json& d) { ai(d)["consent"] = nullptr; }, "/purposes/1/consent",
       "is required where the legal basis is consent"},
      {"consent rule without consent", [](json& d) { core(d)["consent"] = ai(d)["consent"]; }, "/purposes/0/consent",
       "must be null where the legal basis is not consent"},
      {"consent without withdrawal", [](json& d) { ai(d)["rights"] = {"access"}; }, "/purposes/1/rights",
       "must hold withdrawal"},
      {"AI without explicit consent", [](json& d) { ai(d)["consent"]["explicit"] = false; }, "/purposes/1/consent",
       "an AI purpose rests on explicit consent"},
      {"AI on another basis",
       [](json& d) {
         ai(d)["legal_basis"] = "eu-gdpr:A6-1-f";
         ai(d)["consent"] = nullptr;
         ai(d)["objection"] = "grounds";
       },
       "/purposes/1/consent", "an AI purpose rests on explicit consent"},
      {"Art. 22 by explicit consent without it",
       [](json& d) { core(d)["automation"]["art22_basis"] = "explicit_consent"; }, "/purposes/0/automation/art22_basis",
       "explicit_consent needs a consent rule"},
      {"legitimate interests without objection", [](json& d) { core(d)["legal_basis"] = "eu-gdpr:A6-1-f"; },
       "/purposes/0/objection", "must not be none"},
      {"withdraw without consent", [](json& d) { core(d)["objection"] = "withdraw"; }, "/purposes/0/objection",
       "withdraw needs consent"},
      {"effect without polarity", [](json& d) { ai(d)["automation"]["polarity"] = nullptr; },
       "/purposes/1/automation/polarity", "is required where there is an effect"},
      {"unknown category", [](json& d) { core(d)["data_categories"][0] = "user.nmae"; },
       "/purposes/0/data_categories/0", "is not a key of fideslang's user tree"},
      {"unknown forbidden category", [](json& d) { core(d)["forbidden_categories"] = {"user.contact.emial"}; },
       "/purposes/0/forbidden_categories/0", "is not a key"},
      {"unknown category of a transform", [](json& d) { ai(d)["transforms"][0]["categories"][1] = "user.mail"; },
       "/purposes/1/transforms/0/categories/1", "is not a key"},
      {"category both taken and forbidden", [](json& d) { core(d)["forbidden_categories"] = {"user.contact"}; },
       "/purposes/0/data_categories/2", "is in forbidden_categories too"},
      {"Art. 9 category without condition", [](json& d) { core(d)["data_categories"][0] = "user.health_and_medical"; },
       "/purposes/0/data_categories/0", "holds an Art. 9 category"},
      {"Art. 9 category under a parent", [](json& d) { core(d)["data_categories"][1] = "user.demographic"; },
       "/purposes/0/data_categories/1", "holds an Art. 9 category"},
      {"Art. 10 category without law", [](json& d) { core(d)["data_categories"][0] = "user.criminal_history"; },
       "/purposes/0/data_categories/0", "holds an Art. 10 category"},
      {"explicit consent as condition, not explicit",
       [](json& d) {
         ai(d)["kind"] = "core";
         ai(d)["consent"]["explicit"] = false;
         ai(d)["special_category_basis"] = "eu-gdpr:A9-2-a";
       },
       "/purposes/1/consent/explicit", "must be true: the Art. 9 condition"},
      {"unknown transform", [](json& d) { ai(d)["transforms"][0]["apply"] = "blur"; }, "/purposes/1/transforms/0/apply",
       "must be one of drop, drop_unless_provided"},
      {"transform without categories", [](json& d) { ai(d)["transforms"][0]["categories"] = json::array(); },
       "/purposes/1/transforms/0/categories", "must be an array that is not empty"},
      {"unknown transform explained",
       [](json& d) {
         d["transforms"]["blur"] = {{"fr", "flou"}};
       },
       "/transforms/blur", "is not a known transform"},
      {"no end of retention",
       [](json& d) {
         core(d)["retention"]["active"] = nullptr;
         core(d)["retention"]["after"] = nullptr;
       },
       "/purposes/0/retention", "must say how long"},
      {"restricted access without archive", [](json& d) { core(d)["retention"]["access"] = "restricted"; },
       "/purposes/0/retention/access", "needs an archive"},
      {"unknown data subject", [](json& d) { core(d)["data_subjects"][0] = "customer"; }, "/purposes/0/data_subjects/0",
       "must be one of"},
      {"unknown recipient class", [](json& d) { core(d)["recipients"]["forbidden"][0] = "any_tools"; },
       "/purposes/0/recipients/forbidden/0", "must be one of"},
      {"restriction exception without consent", [](json& d) { core(d)["restriction_exception"] = "consent"; },
       "/purposes/0/restriction_exception", "consent needs consent as legal basis"},
      {"missing parameter", [](json& d) { d["parameters"].erase("request_response"); }, "/parameters/request_response",
       "is required"},
      {"unknown parameter",
       [](json& d) {
         d["parameters"]["reply_time"] = {{"value", "P1M"}};
       },
       "/parameters/reply_time", "is not a known member"},
      {"age of consent below Art. 8", [](json& d) { d["parameters"]["minor_consent_age"]["value"] = 12; },
       "/parameters/minor_consent_age/value", "must be between 13 and 18"},
      {"majority before consent", [](json& d) { d["parameters"]["age_of_majority"]["value"] = 14; },
       "/parameters/age_of_majority/value", "must not be below"},
      {"totals of one person", [](json& d) { d["parameters"]["k_display"]["value"] = 1; },
       "/parameters/k_display/value", "must be at least 2"},
      {"totals below the floor", [](json& d) { d["parameters"]["k_display"]["value"] = 2; },
       "/parameters/k_display/value", "must be at least 2, and at least k_display_floor"},
      {"bands that fall",
       [](json& d) {
         d["parameters"]["age_bands"]["value"] = {18, 18};
       },
       "/parameters/age_bands/value/1", "must rise"},
      {"negative delay", [](json& d) { d["parameters"]["webhook_retry_delays_s"]["value"][0] = -5; },
       "/parameters/webhook_retry_delays_s/value/0", "must be an integer between 0"},
      {"unknown age unknown", [](json& d) { d["parameters"]["unknown_age"]["value"] = "child"; },
       "/parameters/unknown_age/value", "must be one of adult, minor"},
      {"no day of the year", [](json& d) { d["public_holidays"]["fixed"][2] = "02-30"; }, "/public_holidays/fixed/2",
       "must be a day of the year"},
      {"Easter out of reach", [](json& d) { d["public_holidays"]["days_after_easter"][0] = 1000; },
       "/public_holidays/days_after_easter/0", "must be an integer"},
      {"missing row of rights", [](json& d) { d["rights_by_basis"]["rows"].erase("eu-gdpr:A6-1-d"); },
       "/rights_by_basis/rows/eu-gdpr:A6-1-d", "is required"},
      {"missing cell of rights", [](json& d) { d["rights_by_basis"]["rows"]["eu-gdpr:A6-1-d"].erase(0); },
       "/rights_by_basis/rows/eu-gdpr:A6-1-d", "must have one cell a column"},
      {"missing column of rights", [](json& d) { d["rights_by_basis"]["columns"].erase(5); },
       "/rights_by_basis/columns", "must name each right once"},
      {"unknown cell of rights", [](json& d) { d["rights_by_basis"]["rows"]["eu-gdpr:A6-1-d"][0] = "maybe"; },
       "/rights_by_basis/rows/eu-gdpr:A6-1-d/0", "must be one of yes, no"},
      {"declared category outside fideslang",
       [](json& d) {
         d["data_categories_custom"]["user.shoes"] = {{"parent", "user"}, {"fr", "a"}, {"en", "b"}};
       },
       "/data_categories_custom/user.shoes", "must lie under"},
      {"declared category under another parent",
       [](json& d) { d["data_categories_custom"]["user.account.membership"]["parent"] = "user.contact"; },
       "/data_categories_custom/user.account.membership/parent", "must be the key without its last words"},
      {"unknown special key", [](json& d) { d["special_category_keys"][0] = "user.belief"; },
       "/special_category_keys/0", "is not a known category"},
      {"enumeration the code does not know", [](json& d) { d["enums"]["effect"].push_back("huge"); }, "/enums/effect/4",
       "must be one of none, minor"},
      {"no language", [](json& d) { d["languages"] = json::array(); }, "/languages", "must be an array that is not"},
      {"no purposes", [](json& d) { d["purposes"] = json::array(); }, "/purposes", "must be an array that is not"},
      {"purpose that is no object", [](json& d) { core(d) = "membership"; }, "/purposes/0", "must be an object"},
      {"pre-ticked box", [](json& d) { ai(d)["consent"]["default"] = true; }, "/purposes/1/consent/default",
       "a pack ticks no box for anybody"},
      {"pre-ticked box said no", [](json& d) { ai(d)["prechecked"] = false; }, "/purposes/1/prechecked",
       "a pack ticks no box for anybody"},
      {"comment that is no text", [](json& d) { ai(d)["$comment"] = 1; }, "/purposes/1/$comment", "must be a string"},
      {"notice without text",
       [](json& d) {
         ai(d)["notice"] = {{"version", 2}};
       },
       "/purposes/1/notice/text", "is required"},
  };
  return list;
}

TEST(PackLoadTest, AcceptsThePackThatTheOthersSpoil) { EXPECT_TRUE(load(small_document())); }

TEST(PackLoadTest, TellsEachKindOfMistakeWithItsPointer) {
  for (const Spoiled& spoiled_pack : spoiled()) {
    SCOPED_TRACE(spoiled_pack.name);
    json document = small_document();
    spoiled_pack.spoil(document);
    const std::string detail = mistake_at(document, spoiled_pack.pointer);
    EXPECT_EQ(detail.substr(0, std::string(spoiled_pack.begins).size()), spoiled_pack.begins);
  }
}

// The number of the line on which `member` stands in the document as written for the loader.
int line_of(const std::string& text, const std::string& member) {
  const auto at = text.find(member);
  return at == std::string::npos
             ? 0
             : 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

TEST(PackLoadTest, TellsTheLineOfEachMistake) {
  json document = small_document();
  ai(document)["consent"]["validity"] = "one year, or so";
  core(document)["minors"] = "perhaps not";
  document["parameters"]["login_code"]["value"] = "a quarter of an hour";
  const std::string text = document.dump(1);
  const auto loaded = load_text(text);
  ASSERT_FALSE(loaded);
  const auto& fields = loaded.error().fields();
  ASSERT_EQ(fields.size(), 3U);
  // In the order of the file, whatever the order of reading.
  EXPECT_EQ(fields[0].pointer, "/parameters/login_code/value");
  EXPECT_EQ(fields[0].line, line_of(text, "a quarter of an hour"));
  EXPECT_EQ(fields[1].pointer, "/purposes/0/minors");
  EXPECT_EQ(fields[1].line, line_of(text, "perhaps not"));
  EXPECT_EQ(fields[2].pointer, "/purposes/1/consent/validity");
  EXPECT_EQ(fields[2].line, line_of(text, "one year, or so"));
  EXPECT_EQ(fields[2].detail.substr(0, 11), "pack.json: ");
  EXPECT_EQ(loaded.error().code(), base::ErrorCode::InvalidRequest);
}

TEST(PackLoadTest, TellsEveryMistakeAtOnce) {
  json document = small_document();
  std::size_t made = 0;
  for (const char* parameter : {"login_code", "log_retention", "request_response", "webhook_timeout"}) {
    document["parameters"][parameter]["value"] = "soon";
    ++made;
  }
  for (const char* member : {"kind", "fides_use", "objection"}) {
    core(document).erase(member);
    ++made;
  }
  const auto loaded = load(document);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().fields().size(), made);
}

TEST(PackLoadTest, RefusesTextThatIsNoStrictJson) {
  for (const char* text : {"", "{", "[]", "{\"format\": 1}", "{\"a\": 1, \"a\": 2}"}) {
    const auto loaded = load_text(text);
    ASSERT_FALSE(loaded) << text;
    ASSERT_FALSE(loaded.error().fields().empty()) << text;
    EXPECT_EQ(loaded.error().fields()[0].detail.substr(0, 11), "pack.json: ") << text;
  }
}

TEST(PackLoadTest, RefusesAFormatItDoesNotRead) {
  json document = small_document();
  document["format"] = "egide.policy.generic/1";
  EXPECT_EQ(mistake_at(document, "/format"), "must be \"egide.purposes/1\", the one format this version reads");
}

TEST(PackLoadTest, WantsExactlyOneFileOfPurposes) {
  EXPECT_FALSE(load_pack({}, &toy_hash));
  PackFile file;
  file.name = "a.json";
  file.text = small_document().dump();
  EXPECT_TRUE(load_pack({file}, &toy_hash));
  EXPECT_FALSE(load_pack({file, file}, &toy_hash));
}

TEST(PackLoadTest, TellsTheMistakesOfEveryFile) {
  PackFile good;
  good.name = "a.json";
  json spoilt = small_document();
  spoilt.erase("jurisdiction");
  good.text = spoilt.dump();
  PackFile other;
  other.name = "b.json";
  other.text = "{}";
  const auto loaded = load_pack({good, other}, &toy_hash);
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().fields().size(), 2U);
  EXPECT_EQ(loaded.error().fields()[0].detail.substr(0, 7), "b.json:");
  EXPECT_EQ(loaded.error().fields()[1].detail.substr(0, 7), "a.json:");
}

TEST(PackLoadTest, LetsCommentsThroughEverywhere) {
  json document = small_document();
  document["$comment"] = "whole";
  ai(document)["$comment"] = "purpose";
  ai(document)["consent"]["$comment"] = "rule";
  ai(document)["label"]["$comment"] = "text";
  document["parameters"]["$comment"] = "numbers";
  document["parameters"]["login_code"]["$comment"] = "number";
  document["rights_by_basis"]["rows"]["$comment"] = "rows";
  document["data_categories_custom"]["$comment"] = "keys";
  document["field_notes"]["$comment"] = "notes";
  const auto loaded = load(document);
  EXPECT_TRUE(loaded) << loaded.error().fields().at(0).pointer << " " << loaded.error().fields().at(0).detail;
}

TEST(PackLoadTest, ReadsANoticeThatThePackWritesOut) {
  json document = small_document();
  ai(document)["notice"] = {{"version", 4}, {"text", {{"fr", "Nous utilisons..."}, {"en", "We use..."}}}};
  const auto pack = load(document).value();
  EXPECT_EQ(pack->find("ai.mission_matching")->notice.version, 4);
  EXPECT_EQ(pack->find("ai.mission_matching")->notice.text.in("en"), "We use...");
}

TEST(PackLoadTest, TakesAParentWhoseSpecialChildrenAreForbidden) {
  json document = small_document();
  core(document)["data_categories"] = {"user.demographic"};
  json forbidden = json::array();
  for (const json& key : document["special_category_keys"])
    if (category_covers("user.demographic", key.get<std::string>())) forbidden.push_back(key);
  core(document)["forbidden_categories"] = forbidden;
  EXPECT_TRUE(load(document));
  core(document)["forbidden_categories"].erase(0);
  EXPECT_EQ(mistake_at(document, "/purposes/0/data_categories/0").substr(0, 22), "holds an Art. 9 catego");
}

TEST(PackLoadTest, LetsAPackDeclareItsRecipientClasses) {
  json document = small_document();
  document["recipient_classes"] = {"federation"};
  core(document)["recipients"]["allowed"] = {"federation"};
  EXPECT_EQ(load(document).value()->purposes()[0].allowed_recipients, (std::vector<std::string>{"federation"}));
}

TEST(PackLoadTest, SurvivesEveryTruncationOfThePack) {
  const std::string text = small_document().dump(1);
  for (std::size_t cut = 0; cut < text.size(); cut += 997) EXPECT_FALSE(load_text(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace egide::policies::testing
