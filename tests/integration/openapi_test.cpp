// The OpenAPI document against the real routes, roles and server.
#include <algorithm>

#include "egide/api/role_table.h"
#include "world.h"

namespace egide::testing {
namespace {

constexpr const char* kExampleSubject = "01932f6e-8a5b-7c3d-9e4f-5a6b7c8d9e0f";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "{path*}" is a parameter as any other to OpenAPI.
std::string openapi_path(std::string pattern) {
  pattern.erase(std::remove(pattern.begin(), pattern.end(), '*'), pattern.end());
  return pattern;
}

class OpenApiTest : public WorldTest {
 protected:
  Json document = Json::parse(api::openapi_json());

  template <typename Visit>
  void each_operation(Visit&& visit) const {
    for (const auto& path : document.at("paths").items())
      for (const auto& operation : path.value().items())
        if (operation.key() != "parameters") visit(path.key(), operation.key(), operation.value());
  }
  const Json& resolve(const Json& value) const {
    if (!value.contains("$ref")) return value;
    return document.at(Json::json_pointer(value.at("$ref").get<std::string>().substr(1)));
  }
};

TEST_F(OpenApiTest, IsWhatTheServerServes) {
  const Reply reply = world.nobody->get("/openapi.json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json(), document);
  EXPECT_EQ(document.at("openapi"), "3.1.0");
}

TEST_F(OpenApiTest, NamesEveryRouteAndNoOther) {
  std::set<std::string> served, written;
  for (const auto& route : world.application->router().routes())
    served.insert(lower(api::name_of(route.method)) + " " + openapi_path(route.pattern) + " " + route.name);
  each_operation([&written](const std::string& path, const std::string& method, const Json& operation) {
    written.insert(method + " " + path + " " + operation.at("operationId").get<std::string>());
  });
  EXPECT_EQ(written, served);
}

TEST_F(OpenApiTest, GivesTheRolesOfTheTable) {
  each_operation([](const std::string&, const std::string&, const Json& operation) {
    const auto name = operation.at("operationId").get<std::string>();
    const auto roles = operation.at("x-roles").get<std::set<std::string>>();
    const bool open = api::may_call(api::role_table(), name, api::Role::Public);
    EXPECT_EQ(roles.count("public") == 1, open) << name;
    EXPECT_EQ(operation.contains("security") && operation.at("security").empty(), open) << name;
    if (open) return;
    for (const auto role : api::kAllRoles)
      EXPECT_EQ(roles.count(api::name_of(role)) == 1, api::may_call(api::role_table(), name, role))
          << name << " " << api::name_of(role);
  });
}

TEST_F(OpenApiTest, SaysWhatEachOperationNeedsAndMayAnswer) {
  each_operation([this](const std::string& path, const std::string& method, const Json& operation) {
    const auto name = operation.at("operationId").get<std::string>();
    EXPECT_FALSE(operation.at("summary").get<std::string>().empty()) << name;
    const bool open = operation.at("x-roles")[0] == "public";
    EXPECT_EQ(operation.at("responses").contains("401"), !open) << name;
    std::set<std::string> parameters;
    if (operation.contains("parameters"))
      for (const auto& parameter : operation.at("parameters"))
        parameters.insert(resolve(parameter).at("name").get<std::string>());
    EXPECT_EQ(parameters.count("If-Match") == 1, operation.at("responses").contains("428")) << name;
    const auto in_path = document.at("paths").at(path).value("parameters", Json::array()).size();
    EXPECT_EQ(in_path, static_cast<std::size_t>(std::count(path.begin(), path.end(), '{'))) << path;
    EXPECT_EQ(operation.contains("requestBody"), method == "post" || method == "patch" || method == "put") << name;
  });
}

TEST_F(OpenApiTest, ResolvesEveryReference) {
  std::vector<const Json*> open = {&document};
  int references = 0;
  while (!open.empty()) {
    const Json& value = *open.back();
    open.pop_back();
    if (value.is_object() && value.contains("$ref")) {
      EXPECT_NO_THROW(resolve(value)) << value;
      ++references;
    }
    if (value.is_structured())
      for (const auto& part : value) open.push_back(&part);
  }
  EXPECT_GT(references, 100);
}

TEST_F(OpenApiTest, ShowsExamplesThatTheServerAccepts) {
  const auto person = world.register_person("person@example.org");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  Json request = {{"type", "access"}, {"subject", person}};
  const auto opened = world.dpo->post("/v1/requests", request).json().at("id").get<std::string>();
  int tried = 0;
  each_operation([&](const std::string& path, const std::string& method, const Json& operation) {
    if (!operation.contains("requestBody")) return;
    for (const auto& media : operation.at("requestBody").at("content").items()) {
      if (!media.value().contains("example")) continue;
      const auto name = operation.at("operationId").get<std::string>();
      std::string body = media.value().at("example").dump();
      for (auto at = body.find(kExampleSubject); at != std::string::npos; at = body.find(kExampleSubject))
        body.replace(at, std::string(kExampleSubject).size(), person);
      if (name == "subjects.create") body.replace(body.find("person@"), 6, "second");
      std::string where = path;
      const auto at = where.find("{id}");
      if (at != std::string::npos) {
        const std::string id = path.rfind("/v1/requests", 0) == 0   ? opened
                               : path.rfind("/v1/purposes", 0) == 0 ? std::string(kMatching)
                                                                    : person;
        where.replace(at, 4, id);
      }
      std::string etag = "\"1\"";
      if (name == "requests.transition") etag = world.dpo->get("/v1/requests/" + opened).header("etag");
      const auto role =
          operation.at("x-roles")[0] == "subject" ? operation.at("x-roles").back() : operation.at("x-roles")[0];
      const Reply reply = world.as(role.get<std::string>())
                              .send(method == "patch" ? "PATCH"
                                    : method == "put" ? "PUT"
                                                      : "POST",
                                    where, body, {{"Content-Type", media.key()}, {"If-Match", etag}});
      EXPECT_GE(reply.status, 200) << name;
      EXPECT_LT(reply.status, 300) << name << " " << reply.body;
      EXPECT_TRUE(operation.at("responses").contains(std::to_string(reply.status))) << name << " " << reply.status;
      ++tried;
    }
  });
  EXPECT_GE(tried, 13);
}

}  // namespace
}  // namespace egide::testing
