// Datasets over HTTP: what is in them, what is not, and what an attacker gets.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "egide/audit/leaf.h"
#include "egide/crypto/hash.h"
#include "world.h"

namespace egide::testing {
namespace {

struct Row {
  std::map<std::string, Json> fields;
  const Json& at(const std::string& name) const { return fields.at(name); }
};

class DatasetsTest : public WorldTest {
 protected:
  // `count` people in two départements, two languages, with one of three lists of skills; all have agreed.
  std::vector<std::string> people(int count) {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back(person(i, i % 2 == 0 ? "69003" : "38000", i % 3));
    return out;
  }
  std::string person(int number, const std::string& postal_code, int kind, bool agrees = true) {
    static const Json kSkills[] = {Json::array({"cooking"}), Json::array({"driving"}), Json::array({"teaching"})};
    Json body;
    Json& attributes = body["attributes"];
    attributes["user.name"] = "Canary Number" + std::to_string(number);
    attributes["user.contact.email"] = "canary" + std::to_string(number) + "@example.org";
    attributes["user.demographic.date_of_birth"] = "1980-02-29";
    attributes["user.contact.address.postal_code"] = postal_code;
    attributes["user.demographic.language"] = kind == 0 ? "fr" : "en";
    attributes["user.demographic.profile.skills"] = kSkills[kind % 3];
    const Reply reply = world.coordinator->post("/v1/subjects", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    const auto id = reply.json().at("id").get<std::string>();
    if (agrees) {
      EXPECT_EQ(world.consent(id, kMatching, "given").status, 201);
    }
    return id;
  }
  static Json asked(const char* format = "jsonl") {
    return {{"purpose", kMatching}, {"format", format}, {"sensitive", {"user.demographic.profile.skills"}}};
  }
  static std::vector<Row> rows_of(const Reply& reply) {
    std::vector<Row> out;
    std::istringstream lines(reply.body);
    for (std::string line; std::getline(lines, line);)
      out.push_back({Json::parse(line).get<std::map<std::string, Json>>()});
    return out;
  }
  Json dataset(const Reply& made) { return world.dpo->get(made.header("location")).json(); }
  Json package_of(const std::string& id) {
    const Reply opened = world.dpo->post("/v1/requests", {{"type", "access"}, {"subject", id}});
    const auto moves = opened.header("location") + "/transitions";
    const Reply moved = world.dpo->post(moves, {{"to", "in_progress"}}, {{"If-Match", opened.header("etag")}});
    EXPECT_EQ(world.dpo->post(moves, {{"to", "fulfilled"}}, {{"If-Match", moved.header("etag")}}).status, 200);
    return world.dpo->get(opened.header("location") + "/package").json();
  }
  std::uint64_t log_size() {
    return world.auditor->get("/v1/audit/entries?limit=1").json().at("size").get<std::uint64_t>();
  }
  std::vector<Json> entries_from(std::uint64_t first) {
    std::vector<Json> out;
    for (auto i = first; i < log_size(); ++i)
      out.push_back(Json::parse(world.auditor->get("/v1/audit/entries/" + std::to_string(i)).body));
    return out;
  }
};

TEST_F(DatasetsTest, LeavesNobodyAloneAndNamesNobody) {
  const auto ids = people(36);
  const Reply made = world.matcher->post("/v1/datasets", asked());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("content-type"), "application/jsonl");
  EXPECT_EQ(made.header("cache-control"), "no-store");
  const auto rows = rows_of(made);
  const Json report = dataset(made).at("report");
  EXPECT_EQ(report.at("people").at("permitted"), 36);
  EXPECT_EQ(report.at("people").at("released"), rows.size());
  std::map<std::string, std::set<std::string>> classes;
  std::map<std::string, int> sizes;
  std::set<std::string> pseudonyms;
  for (const auto& row : rows) {
    const std::string key =
        row.at("user.contact.address.postal_code").dump() + row.at("user.demographic.language").dump();
    ++sizes[key];
    classes[key].insert(row.at("user.demographic.profile.skills").dump());
    pseudonyms.insert(row.at("pseudonym").get<std::string>());
    EXPECT_EQ(row.fields.size(), 4U);
  }
  for (const auto& [key, size] : sizes) EXPECT_GE(size, 5) << key;
  for (const auto& [key, values] : classes) EXPECT_GE(values.size(), 2U) << key;
  EXPECT_EQ(pseudonyms.size(), rows.size());
  for (const char* secret : {"Canary", "canary", "1980-02-29", "69003", "38000"})
    EXPECT_EQ(made.body.find(secret), std::string::npos) << secret;
  for (const auto& id : ids) EXPECT_EQ(made.body.find(id), std::string::npos);
}

TEST_F(DatasetsTest, TakesOnlyWhoIsPermittedNow) {
  auto ids = people(30);
  person(100, "69003", 0, false);
  EXPECT_EQ(world.consent(ids[0], kMatching, "withdrawn").status, 201);
  const Json open = {{"type", "erasure"}, {"subject", ids[1]}};
  const Reply opened = world.dpo->post("/v1/requests", open);
  const Reply moved = world.dpo->post(opened.header("location") + "/transitions", {{"to", "in_progress"}},
                                      {{"If-Match", opened.header("etag")}});
  ASSERT_EQ(world.dpo
                ->post(opened.header("location") + "/transitions", {{"to", "fulfilled"}},
                       {{"If-Match", moved.header("etag")}})
                .status,
            200);
  Json question = asked();
  question["preview"] = true;
  EXPECT_EQ(world.matcher->post("/v1/datasets", question).json().at("people").at("permitted"), 28);
  // After a year nobody's consent is valid.
  world.advance(std::chrono::hours{24 * 366});
  EXPECT_EQ(world.matcher->post("/v1/datasets", question).status, 409);
}

TEST_F(DatasetsTest, GivesTwoExportsNoPseudonymInCommon) {
  const auto ids = people(24);
  std::set<std::string> seen;
  for (int round = 0; round < 2; ++round)
    for (const auto& row : rows_of(world.matcher->post("/v1/datasets", asked())))
      EXPECT_TRUE(seen.insert(row.at("pseudonym").get<std::string>()).second);
  EXPECT_EQ(seen.size(), 48U);
  // Nor are they the pseudonyms that the tool knows, and nothing leads back from them.
  const Json known = world.matcher->post("/v1/gateway/pseudonyms", {{"purpose", kMatching}, {"subjects", ids}}).json();
  for (const auto& one : known.at("pseudonyms")) EXPECT_EQ(seen.count(one.at("pseudonym").get<std::string>()), 0U);
  const Json read = {{"purpose", kMatching}, {"subject", *seen.begin()}};
  EXPECT_EQ(world.matcher->post("/v1/gateway/read", read).json().at("context").at("reason"), "unknown_subject");
}

TEST_F(DatasetsTest, WritesIntoEachPersonsLogBeforeItAnswers) {
  const auto ids = people(20);
  const auto before = log_size();
  const Reply made = world.matcher->post("/v1/datasets", asked());
  ASSERT_EQ(made.status, 201) << made.body;
  std::map<std::string, int> events;
  for (const auto& entry : entries_from(before)) ++events[entry.at("ev").get<std::string>()];
  EXPECT_EQ(events, (std::map<std::string, int>{{"dataset.taken", 20}, {"dataset.exported", 1}}));

  const Json package = package_of(ids[3]);
  const auto id = made.header("location").substr(std::string("/v1/datasets/").size());
  EXPECT_NE(package.at("copy").dump().find("dataset.taken"), std::string::npos);
  EXPECT_NE(package.at("copy").dump().find(id), std::string::npos);
  const Json recipients = package.at("blocks").at("c").at("items");
  ASSERT_EQ(recipients.size(), 1U);
  EXPECT_EQ(recipients[0].at("tool"), "matcher");
  EXPECT_EQ(recipients[0].at("times"), 1);
}

TEST_F(DatasetsTest, TellsASuppressedPersonThatNobodyGotTheirData) {
  people(30);
  const auto alone = person(77, "2A004", 1);
  const Reply made = world.matcher->post("/v1/datasets", asked());
  ASSERT_EQ(made.status, 201) << made.body;
  ASSERT_EQ(rows_of(made).size(), 30U);
  const Json package = package_of(alone);
  EXPECT_NE(package.at("copy").dump().find("dataset.taken"), std::string::npos);
  EXPECT_TRUE(package.at("blocks").at("c").at("items").empty());
}

TEST_F(DatasetsTest, CommitsToReportAndFileInTheLog) {
  people(20);
  const Reply made = world.matcher->post("/v1/datasets", asked("csv"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("content-type"), "text/csv; charset=utf-8; header=present");
  const Json got = dataset(made);
  const auto file_hash = crypto::sha256(base::as_bytes(made.body));
  EXPECT_EQ(made.header("repr-digest"), "sha-256=:" + base::to_base64(file_hash) + ":");
  const Json detail = Json::parse(got.at("log").at("detail").get<std::string>());
  EXPECT_EQ(detail.at("file_sha256"), base::to_hex(file_hash));
  const auto text = got.at("report_text").get<std::string>();
  EXPECT_EQ(detail.at("report_sha256"), base::to_hex(crypto::sha256(base::as_bytes(text))));
  EXPECT_EQ(got.at("report").at("file").at("sha256"), base::to_hex(file_hash));
  // What the auditor computes is what stands in the log.
  const auto index = got.at("log").at("index").get<std::uint64_t>();
  const Json leaf = Json::parse(world.auditor->get("/v1/audit/entries/" + std::to_string(index)).body);
  const auto key = base::from_base64(got.at("log").at("commitment_key").get<std::string>());
  ASSERT_TRUE(key);
  const auto commitment =
      audit::detail_commitment(*key, index, base::as_bytes(got.at("log").at("detail").get_ref<const std::string&>()));
  EXPECT_EQ(leaf.at("cm"), base::to_base64(commitment));
  EXPECT_EQ(leaf.at("ev"), "dataset.exported");
  // And it survives a restart; the file does not.
  world.restart();
  EXPECT_EQ(dataset(made), got);
}

TEST_F(DatasetsTest, PreviewsWithoutTakingAnybodysData) {
  people(20);
  const auto before = log_size();
  Json question = asked();
  question["preview"] = true;
  const Reply reply = world.matcher->post("/v1/datasets", question);
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json report = reply.json();
  EXPECT_FALSE(report.contains("id"));
  EXPECT_FALSE(report.contains("file"));
  EXPECT_EQ(report.at("risk").at("before").at("records"), 20);
  EXPECT_LE(report.at("risk").at("after").at("prosecutor_highest").get<double>(), 0.2);
  const auto entries = entries_from(before);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("ev"), "dataset.previewed");
  EXPECT_TRUE(world.dpo->get("/v1/datasets").json().at("items").empty());
}

TEST_F(DatasetsTest, RefusesASmallPopulationWithoutCountingIt) {
  const Reply nobody = world.matcher->post("/v1/datasets", asked());
  EXPECT_EQ(nobody.status, 409);
  people(4);
  const Reply four = world.matcher->post("/v1/datasets", asked());
  EXPECT_EQ(four.status, 409);
  EXPECT_EQ(nobody.json().at("detail"), four.json().at("detail"));
  Json preview = asked();
  preview["preview"] = true;
  EXPECT_EQ(world.matcher->post("/v1/datasets", preview).status, 409);
  // Each attempt has an entry.
  const auto entries = entries_from(log_size() - 1);
  EXPECT_EQ(entries[0].at("ev"), "dataset.exported");
  EXPECT_EQ(entries[0].at("dec"), "deny");
}

TEST_F(DatasetsTest, RefusesWhereEverybodyHasTheSameSecret) {
  for (int i = 0; i < 20; ++i) person(i, "69003", 0);
  const Reply reply = world.matcher->post("/v1/datasets", asked());
  EXPECT_EQ(reply.status, 409) << reply.body;
}

TEST_F(DatasetsTest, HidesASensitiveValueThatFewHave) {
  people(20);
  Json body;
  body["attributes"]["user.name"] = "Somebody Else";
  body["attributes"]["user.demographic.profile.skills"] = {"canary juggling", "cooking"};
  const auto id = world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
  ASSERT_EQ(world.consent(id, kMatching, "given").status, 201);
  const Reply made = world.matcher->post("/v1/datasets", asked());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.find("juggling"), std::string::npos);
  EXPECT_GE(dataset(made).at("report").at("rare_sensitive_values_hidden").get<int>(), 1);
}

TEST_F(DatasetsTest, LeavesTheOneWhoDiffersOutOfBothExports) {
  // Differencing: the same question before and after one person with a rare place agreed. They stand in neither.
  people(30);
  const Reply first = world.matcher->post("/v1/datasets", asked());
  person(77, "2A004", 1);
  const Reply second = world.matcher->post("/v1/datasets", asked());
  ASSERT_EQ(second.status, 201);
  const auto places = [](const std::vector<Row>& rows) {
    std::map<std::string, int> out;
    for (const auto& row : rows) ++out[row.at("user.contact.address.postal_code").dump()];
    return out;
  };
  for (const auto& [place, count] : places(rows_of(second))) EXPECT_GE(count, 5) << place;
  EXPECT_EQ(places(rows_of(second)).count("\"2A\""), 0U);
  EXPECT_EQ(rows_of(first).size(), 30U);
  EXPECT_EQ(rows_of(second).size(), 30U);
}

TEST_F(DatasetsTest, WritesACsvThatNoSpreadsheetRuns) {
  for (int i = 0; i < 24; ++i) {
    Json body;
    body["attributes"]["user.name"] = "Somebody";
    body["attributes"]["user.demographic.language"] = i % 2 == 0 ? "=HYPERLINK(\"http://x\",\"y\")" : "+1,\"quoted\"";
    const auto id = world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
    ASSERT_EQ(world.consent(id, kMatching, "given").status, 201);
  }
  const Reply made = world.matcher->post("/v1/datasets", {{"purpose", kMatching}, {"format", "csv"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.substr(0, 9), "pseudonym");
  EXPECT_NE(made.body.find(R"x("'=HYPERLINK(""http://x"",""y"")")x"), std::string::npos) << made.body;
  EXPECT_NE(made.body.find(R"x("'+1,""quoted""")x"), std::string::npos);
  EXPECT_EQ(made.body.find(",="), std::string::npos);
  EXPECT_EQ(made.body.find("\n="), std::string::npos);
}

TEST_F(DatasetsTest, AsksThePolicyForK) {
  people(20);
  const auto pointer = [this](const Json& question) {
    const Reply reply = world.matcher->post("/v1/datasets", question);
    EXPECT_EQ(reply.status, 422) << reply.body;
    return reply.json().at("errors").at(0).at("pointer").get<std::string>();
  };
  Json question = asked();
  question["k"] = 4;
  EXPECT_EQ(pointer(question), "#/k");
  question["k"] = 6;
  const Reply larger = world.matcher->post("/v1/datasets", question);
  ASSERT_EQ(larger.status, 201) << larger.body;
  EXPECT_GE(dataset(larger).at("report").at("risk").at("after").at("smallest_class").get<int>(), 6);
  question["k"] = 21;
  EXPECT_EQ(world.matcher->post("/v1/datasets", question).status, 409);
  // What others may know of a person is never only sensitive, and names never leave.
  question = asked();
  question["sensitive"] = {"user.contact.address.postal_code"};
  EXPECT_EQ(pointer(question), "#/sensitive/0");
  question = asked();
  question["fields"] = {"user.name"};
  question.erase("sensitive");
  EXPECT_EQ(pointer(question), "#/fields/0");
  question["fields"] = {"user.demographic.language"};
  question["max_suppression"] = 0.9;
  EXPECT_EQ(pointer(question), "#/max_suppression");
  question.erase("max_suppression");
  question["purpose"] = "no.such_purpose";
  EXPECT_EQ(pointer(question), "#/purpose");
  question["purpose"] = kMatching;
  question["format"] = "xlsx";
  EXPECT_EQ(pointer(question), "#/format");
  question["format"] = "csv";
  question["keep"] = true;
  EXPECT_EQ(pointer(question), "#/keep");
}

TEST_F(DatasetsTest, BelongsToATool) {
  people(20);
  Json question = asked();
  EXPECT_EQ(world.mailer->post("/v1/datasets", question).status, 403);
  EXPECT_EQ(world.dpo->post("/v1/datasets", question).status, 422);  // for whom?
  question["tool"] = "mailer";
  EXPECT_EQ(world.dpo->post("/v1/datasets", question).status, 403);
  question["tool"] = "nobody";
  EXPECT_EQ(world.dpo->post("/v1/datasets", question).status, 403);
  question["tool"] = "other";
  EXPECT_EQ(world.matcher->post("/v1/datasets", question).status, 403);
  question["tool"] = "matcher";
  const Reply made = world.dpo->post("/v1/datasets", question);
  ASSERT_EQ(made.status, 201) << made.body;
  const auto path = made.header("location");
  EXPECT_EQ(world.matcher->get(path).status, 200);
  EXPECT_EQ(world.auditor->get(path).status, 200);
  EXPECT_EQ(world.other->get(path).status, 404);
  EXPECT_EQ(world.other->get("/v1/datasets").json().at("items").size(), 0U);
  EXPECT_EQ(world.matcher->get("/v1/datasets").json().at("items").size(), 1U);
  EXPECT_EQ(world.matcher->get("/v1/datasets/00000000-0000-0000-0000-000000000000").status, 404);
  EXPECT_EQ(world.coordinator->post("/v1/datasets", question).status, 403);
}

TEST_F(DatasetsTest, MakesAgesOfBirthDates) {
  Json tool = {{"id", "segments"}, {"name", "Segments"}, {"purposes", {"ai.audience_segmentation"}}};
  const auto key = world.admin->post("/v1/tools", tool).json().at("key").get<std::string>();
  Client segments(world.port(), key);
  for (int i = 0; i < 24; ++i) {
    Json body;
    body["attributes"]["user.name"] = "Somebody";
    body["attributes"]["user.demographic.date_of_birth"] = std::to_string(1950 + i) + "-02-03";
    const auto id = world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
    ASSERT_EQ(world.consent(id, "ai.audience_segmentation", "given").status, 201);
  }
  const Reply made = segments.post("/v1/datasets", {{"purpose", "ai.audience_segmentation"}, {"format", "jsonl"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find("user.demographic.age_range"), std::string::npos);
  EXPECT_EQ(made.body.find("-02-03"), std::string::npos);
  EXPECT_EQ(made.body.find("date_of_birth"), std::string::npos);
}

}  // namespace
}  // namespace egide::testing
