#include "cloud_event.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "egide/testing/shared_data.h"

namespace egide::vault {
namespace {

using Json = nlohmann::json;

const base::Timestamp kNow{std::chrono::milliseconds(1795000000000)};  // 2026-11-18

Json event() {
  return Json::parse(R"({"specversion":"1.0","id":"r1-1","source":"urn:asso:match","type":"org.egide.decision.v1",
    "time":"2026-09-01T11:46:32Z","subject":"M-040","sequence":"000001",
    "data":{"subject":"BEN-00004","system_id":"appariement","system_version":"1.4.2","outcome":{"value":"proposed"}}})");
}

struct Read {
  DecisionEvent event;
  std::vector<base::FieldError> mistakes;
};
Read read(const Json& value, const std::string& pointer = "") {
  Read out;
  out.event = read_decision_event(value, pointer, kNow, out.mistakes);
  return out;
}

// The only mistake of `value`: where it is.
std::string mistake_of(const Json& value) {
  const auto found = read(value);
  if (found.mistakes.empty()) return "none";
  return found.mistakes.front().pointer + (found.mistakes.size() > 1 ? " and more" : "");
}

std::string text_of(const std::vector<JsonMember>& members, std::string_view name) {
  for (const auto& member : members)
    if (member.name == name) return member.text;
  return "";
}

Json with_data(const char* name, const Json& value) {
  Json out = event();
  out["data"][name] = value;
  return out;
}
Json with_attribute(const char* name, const Json& value) {
  Json out = event();
  out[name] = value;
  return out;
}

TEST(CloudEventTest, TakesAnEventApart) {
  Json whole = event();
  whole["correlationid"] = "run-1";
  whole["data"]["inputs_used"] = Json::parse(R"([{"name":"distance_km","value":0.8}])");
  whole["data"]["favourite_colour"] = "green";
  whole["data"]["purpose_id"] = "ai.mission_matching";
  whole["data"]["automation_level"] = "human_confirms";
  const auto [out, mistakes] = read(whole);
  ASSERT_TRUE(mistakes.empty()) << mistakes.front().pointer;
  EXPECT_EQ(out.source, "urn:asso:match");
  EXPECT_EQ(out.id, "r1-1");
  EXPECT_EQ(out.sequence, "000001");
  EXPECT_EQ(out.person, "BEN-00004");
  EXPECT_EQ(out.system_id, "appariement");
  EXPECT_EQ(out.system_version, "1.4.2");
  EXPECT_EQ(out.purpose, "ai.mission_matching");
  EXPECT_EQ(out.automation, policies::Automation::HumanConfirms);
  EXPECT_EQ(text_of(out.clear, "subject"), R"("M-040")");
  EXPECT_EQ(text_of(out.clear, "correlationid"), R"("run-1")");
  EXPECT_EQ(text_of(out.clear, "outcome"), R"({"value":"proposed"})");
  EXPECT_EQ(text_of(out.sealed, "inputs_used"), R"([{"name":"distance_km","value":0.8}])");
  EXPECT_EQ(text_of(out.sealed, "favourite_colour"), R"("green")");
  EXPECT_EQ(text_of(out.clear, "favourite_colour"), "");
}

TEST(CloudEventTest, NothingOfThePersonStandsInTheClearPart) {
  const std::set<std::string> sealed = {"inputs_used",      "contributions",           "reason_codes",
                                        "explanation_text", "counterfactuals",         "requested_by",
                                        "anything_else",    "alternatives_considered", "audit_attributes_ref"};
  Json whole = event();
  for (const auto& name : sealed) whole["data"][name] = "CANARY";
  whole["data"]["outcome"]["remark"] = "CANARY";
  whole["data"]["notice_ref"] = {{"notice_version", "1"}, {"shown_to", "CANARY"}};
  whole["data"]["genai"] = {{"provider", "p"}, {"content_ref", "CANARY"}, {"tool_calls", Json::array({"CANARY"})}};
  whole["unknownextension"] = "CANARY";
  const auto out = read(whole).event;
  for (const auto& member : out.clear) EXPECT_EQ(member.text.find("CANARY"), std::string::npos) << member.name;
  for (const auto& name : sealed) EXPECT_NE(text_of(out.sealed, name), "") << name;
  EXPECT_EQ(text_of(out.sealed, "outcome"), R"({"remark":"CANARY"})");
  EXPECT_EQ(text_of(out.clear, "genai"), R"({"provider":"p"})");
  EXPECT_EQ(text_of(out.sealed, "event_attributes"), R"({"unknownextension":"CANARY"})");
}

TEST(CloudEventTest, RequiredMembersAreRequired) {
  for (const char* name : {"specversion", "id", "source", "type", "data"}) {
    Json lacking = event();
    lacking.erase(name);
    EXPECT_EQ(mistake_of(lacking), std::string("/") + name);
  }
  for (const char* name : {"system_id", "outcome"}) {
    Json lacking = event();
    lacking["data"].erase(name);
    EXPECT_EQ(mistake_of(lacking), std::string("/data/") + name);
  }
  Json no_value = event();
  no_value["data"]["outcome"].erase("value");
  EXPECT_EQ(mistake_of(no_value), "/data/outcome/value");
  EXPECT_EQ(mistake_of(Json::array()), "");
  EXPECT_EQ(mistake_of("text"), "");
}

struct Case {
  const char* pointer;
  const char* json;
};

TEST(CloudEventTest, EveryKnownMemberHasOneType) {
  const Case wrong[] = {
      {"/data/subject", R"({"subject":7})"},
      {"/data/subject", R"({"subject":""})"},
      {"/data/system_id", R"({"system_id":"a\nb"})"},
      {"/data/system_version", R"({"system_version":2.0})"},
      {"/data/purpose_id", R"({"purpose_id":null})"},
      {"/data/outcome", R"({"outcome":"proposed"})"},
      {"/data/outcome/value", R"({"outcome":{"value":["a"]}})"},
      {"/data/outcome/score", R"({"outcome":{"value":"a","score":"0.4"}})"},
      {"/data/outcome/threshold", R"({"outcome":{"value":"a","threshold":true}})"},
      {"/data/outcome/rank", R"({"outcome":{"value":"a","rank":1.5}})"},
      {"/data/outcome/rank", R"({"outcome":{"value":"a","rank":-1}})"},
      {"/data/outcome/candidates_count", R"({"outcome":{"value":"a","candidates_count":"7"}})"},
      {"/data/outcome/k_of_n", R"({"outcome":{"value":"a","k_of_n":4}})"},
      {"/data/decision_type", R"({"decision_type":"guess"})"},
      {"/data/automation_level", R"({"automation_level":"Advisory"})"},
      {"/data/effect", R"({"effect":"big"})"},
      {"/data/polarity", R"({"polarity":"good"})"},
      {"/data/art22_basis", R"({"art22_basis":"hope"})"},
      {"/data/effect_text", R"({"effect_text":"short"})"},
      {"/data/effect_text/fr", R"({"effect_text":{"fr":1}})"},
      {"/data/explanation_text/en", R"({"explanation_text":{"en":""}})"},
      {"/data/labels/instance", R"({"labels":{"instance":{}}})"},
      {"/data/confidence", R"({"confidence":"high"})"},
      {"/data/abstained", R"({"abstained":"no"})"},
      {"/data/masked/0", R"({"masked":["data/x"]})"},
      {"/data/erased", R"({"erased":"/data/x"})"},
      {"/data/notice_ref/delivered_at", R"({"notice_ref":{"delivered_at":"yesterday"}})"},
      {"/data/genai/finish_reasons", R"({"genai":{"finish_reasons":"stop"}})"},
      {"/data/genai/tokens/input", R"({"genai":{"tokens":{"input":-3}}})"},
      {"/data/inputs_used", R"({"inputs_used":{}})"},
      {"/data/inputs_used/1/name", R"({"inputs_used":[{"name":"a"},{"value":1}]})"},
      {"/data/inputs_used/0/personal", R"({"inputs_used":[{"name":"a","personal":1}]})"},
      {"/data/inputs_used/0/as_of", R"({"inputs_used":[{"name":"a","as_of":"2026-13-01"}]})"},
      {"/data/contributions/0/weight", R"({"contributions":[{"name":"a","weight":"1"}]})"},
      {"/data/contributions/0/direction", R"({"contributions":[{"name":"a","direction":"up"}]})"},
      {"/data/reason_codes/0", R"({"reason_codes":[1]})"},
      {"/data/counterfactuals/0/changes", R"({"counterfactuals":[{"actionable":true}]})"},
      {"/data/counterfactuals/0/changes/0/name", R"({"counterfactuals":[{"changes":[{"to":1}]}]})"},
      {"/data/counterfactuals/0/actionable", R"({"counterfactuals":[{"changes":[],"actionable":"yes"}]})"},
      {"/data/alternatives_considered", R"({"alternatives_considered":"none"})"},
      {"/data/requested_by", R"({"requested_by":1})"},
      {"/data/reason", R"({"reason":"permit"})"},
      {"/data/consent", R"({"consent":{"state":"dpv:ConsentGiven"}})"},
      {"/data/record_sha256", R"({"record_sha256":"00"})"},
  };
  for (const Case& one : wrong) {
    Json value = event();
    value["data"].update(Json::parse(one.json));
    EXPECT_EQ(mistake_of(value), one.pointer) << one.json;
  }
}

TEST(CloudEventTest, EveryAttributeHasOneForm) {
  const Case wrong[] = {
      {"/specversion", R"({"specversion":"0.3"})"},
      {"/id", R"({"id":7})"},
      {"/source", R"({"source":""})"},
      {"/type", R"({"type":"org.egide.decision.v2"})"},
      {"/time", R"({"time":"2026-09-01"})"},
      {"/time", R"({"time":1})"},
      {"/time", R"({"time":"2027-09-01T00:00:00Z"})"},
      {"/recordedtime", R"({"recordedtime":"now"})"},
      {"/traceparent", R"({"traceparent":"00-xyz"})"},
      {"/datacontenttype", R"({"datacontenttype":"text/xml"})"},
      {"/data_base64", R"({"data_base64":"AA=="})"},
      {"/dataclassification", R"({"dataclassification":"secret"})"},
      {"/datacategory", R"({"datacategory":"health"})"},
      {"/dataregulation", R"({"dataregulation":"GDPR,Roman law"})"},
      {"/Upper", R"({"Upper":"x"})"},
      {"/with-dash", R"({"with-dash":"x"})"},
      {"/extension", R"({"extension":{"a":1}})"},
      {"/subject", R"({"subject":"BEN-00004"})"},  // the person of data.subject
  };
  for (const Case& one : wrong) {
    Json value = event();
    value.update(Json::parse(one.json));
    EXPECT_EQ(mistake_of(value), one.pointer) << one.json;
  }
}

TEST(CloudEventTest, AllAttributesInTheirRightFormAreTaken) {
  Json value = event();
  value.update(Json::parse(R"({"recordedtime":"2026-09-01T11:46:33.123Z","correlationid":"r1","causationid":"r0",
    "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","datacontenttype":"application/json; charset=utf-8",
    "dataclassification":"confidential","dataregulation":"GDPR, CCPA","datacategory":"special-category",
    "dataref":"https://store.example.org/r1","dataschema":"https://schemas.example.org/d","myextension":7})"));
  EXPECT_EQ(mistake_of(value), "none");
}

TEST(CloudEventTest, TheOtherTypesAreNotAcceptedYet) {
  for (const char* type : {"org.egide.review.v1", "org.egide.contest.v1", "org.egide.outcome.v1"}) {
    const auto found = read(with_attribute("type", type));
    ASSERT_EQ(found.mistakes.size(), 1U);
    EXPECT_EQ(found.mistakes[0].pointer, "/type");
    EXPECT_NE(found.mistakes[0].detail.find("not accepted yet"), std::string::npos);
  }
}

TEST(CloudEventTest, AToolsClockMayGoALittleBefore) {
  EXPECT_EQ(mistake_of(with_attribute("time", "2026-11-18T11:09:59Z")), "none");  // now is 11:06:40
  EXPECT_EQ(mistake_of(with_attribute("time", "2026-11-18T11:12:00Z")), "/time");
  Json timeless = event();
  timeless.erase("time");
  EXPECT_EQ(read(timeless).event.time, kNow);
}

TEST(CloudEventTest, MistakesStandBelowThePlaceInTheBatchAndQuoteNothing) {
  Json value = with_data("decision_type", "CANARY");
  value["data"]["labels"] = {{"a/b~c", 1}};
  const auto found = read(value, "/12");
  ASSERT_EQ(found.mistakes.size(), 2U);
  EXPECT_EQ(found.mistakes[0].pointer, "/12/data/decision_type");
  EXPECT_EQ(found.mistakes[1].pointer, "/12/data/labels/a~1b~0c");
  for (const auto& mistake : found.mistakes) EXPECT_EQ(mistake.detail.find("CANARY"), std::string::npos);
}

TEST(CloudEventTest, ABadEventTellsTwentyMistakesAtMost) {
  Json codes = Json::array();
  for (int i = 0; i < 100; ++i) codes.push_back(i);
  EXPECT_EQ(read(with_data("reason_codes", codes)).mistakes.size(), 20U);
}

TEST(CloudEventTest, SeesAddressesAndNumbersOfPeople) {
  for (const char* text : {"zoe@example.org", "mailto:zoe.martin@mail.example.org", "M-014 <zoe@example.org>",
                           "https://example.org/?who=zoe%40example.org"})
    EXPECT_TRUE(holds_email(text)) << text;
  for (const char* text : {"M-014", "urn:asso:match", "@home", "user@", "a@b", "1@2.3", "team @example.org"})
    EXPECT_FALSE(holds_email(text)) << text;
  for (const char* text : {"0639982122", "06 39 98 21 22", "06.39.98.21.22", "06-39-98-21-22", "+33639982122",
                           "+33 6 39 98 21 22", "+33 (0)6 39 98 21 22", "tel:+33-6-39-98-21-22", "M-014/0639982122"})
    EXPECT_TRUE(holds_phone(text)) << text;
  for (const char* text :
       {"M-014", "000001", "0123-456789", "2026-09-01T11:46:32Z", "0190b6f0-0000-7000-8000-000000000001",
        "run_0639982122", "a0639982122", "06399821223", "0039982122", "+33", "00-4bf92f3577b34da6a3ce929d0e0e4736-01"})
    EXPECT_FALSE(holds_phone(text)) << text;
}

TEST(CloudEventTest, ASequenceOfDigitsIsNoTelephoneNumber) {
  EXPECT_EQ(mistake_of(with_attribute("sequence", "0639982122")), "none");
  EXPECT_EQ(mistake_of(with_attribute("id", "0639982122")), "none");
  EXPECT_EQ(mistake_of(with_attribute("correlationid", "0639982122")), "/correlationid");
  EXPECT_EQ(mistake_of(with_attribute("id", "zoe@example.org")), "/id");
}

TEST(CanonicalJsonTest, HasOneFormForOneValue) {
  const auto canonical = [](const char* text) {
    std::string out;
    append_canonical(out, Json::parse(text));
    return out;
  };
  EXPECT_EQ(canonical(R"( { "b" : [ 1 , 2.50, -3 ], "a" : null, "c":{"y":true,"x":"é\n\"\\\u0007"} } )"),
            R"({"a":null,"b":[1,2.5,-3],"c":{"x":"é\u000a\"\\\u0007","y":true}})");
  EXPECT_EQ(canonical("1.0"), "1.0");
  EXPECT_EQ(canonical("1e300"), "1e+300");
  EXPECT_EQ(canonical("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(canonical("0.1"), "0.1");
  // It reads back as the same value.
  for (const char* text : {"1.0", "1e300", "-0.0", "0.30000000000000004", "5e-324", R"("\u0000")"})
    EXPECT_EQ(Json::parse(canonical(text)), Json::parse(text)) << text;
}

TEST(CanonicalJsonTest, MergesMembersByName) {
  EXPECT_EQ(canonical_object({{"subject", "1"}, {"outcome", "2"}}, {{"reason", "3"}}),
            R"({"outcome":2,"reason":3,"subject":1})");
  EXPECT_EQ(canonical_object({}, {}), "{}");
}

TEST(CloudEventTest, TakesEveryDecisionOfTheTestData) {
  EGIDE_SHARED_OR_SKIP(path, "data/decisions.ndjson");
  std::ifstream in(path);
  std::string line;
  int count = 0;
  while (std::getline(in, line)) {
    ASSERT_EQ(mistake_of(Json::parse(line)), "none") << "line " << count + 1;
    ++count;
  }
  EXPECT_EQ(count, 10000);
}

TEST(CloudEventTest, TakesTheWholeExampleAndKeepsItsClasses) {
  EGIDE_SHARED_OR_SKIP(path, "data/decision-example.json");
  const Json events = Json::parse(testing::read_file(path)).at("events");
  const auto found = read(events[0]);
  ASSERT_TRUE(found.mistakes.empty()) << found.mistakes.front().pointer << found.mistakes.front().detail;
  std::set<std::string> clear, sealed;
  for (const auto& member : found.event.clear) clear.emplace(member.name);
  for (const auto& member : found.event.sealed) sealed.emplace(member.name);
  EXPECT_EQ(sealed, (std::set<std::string>{"alternatives_considered", "contributions", "counterfactuals",
                                           "explanation_text", "inputs_used", "reason_codes", "requested_by"}));
  EXPECT_EQ(clear.count("model_digest") + clear.count("effect_text") + clear.count("masked"), 3U);
  for (std::size_t i = 1; i < events.size(); ++i) EXPECT_EQ(mistake_of(events[i]), "/type and more");
}

}  // namespace
}  // namespace egide::vault
