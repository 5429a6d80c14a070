#include "world.h"

#include <stdexcept>

#include "egide/base/time.h"
#include "egide/crypto/secret.h"
#include "egide/vault/accounts.h"
#include "forward_profiles.h"

namespace egide::testing {
namespace {

template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(result).value();
}

vault::UnsealSecret secret() {
  vault::UnsealSecret out;
  out.passphrase =
      must(crypto::SecretBytes::copy_of(base::as_bytes(std::string_view("a long passphrase of the test"))));
  return out;
}

// Keys lie in locked memory, which is made once a process.
void initialize_crypto() {
  static const bool done = crypto::initialize().has_value();
  if (!done) throw std::runtime_error("the memory for keys can't be locked");
}

}  // namespace

World::World(WorldOptions world_options)
    : clock(std::make_shared<FakeClock>(*base::parse_rfc3339("2026-03-02T09:00:00Z"))),
      options_(std::move(world_options)) {
  initialize_crypto();
  vault::CreateOptions options;
  options.directory = directory_.file("vault");
  options.organisation = "Example Association";
  options.origin = "egide.example.org/audit";
  options.secret = secret();
  options.passphrase_parameters.memory_bytes = 1U << 16;
  options.passphrase_parameters.passes = 1;
  options.clock = clock;
  verifier_key_ = must(vault::create_vault(options)).verifier_key;
  open();
  tokens_["admin"] = add_account("administration", "admin");
  tokens_["dpo"] = add_account("data protection", "dpo");
  tokens_["auditor"] = add_account("audit", "auditor");
  tokens_["coordinator"] = add_account("coordination", "coordinator");
  tokens_["matcher"] = add_tool("matcher", kMatching, false);
  tokens_["other"] = add_tool("other", kMatching, false);
  tokens_["mailer"] = add_tool("mailer", kNewsletter, false);
  tokens_["gate"] = add_tool("gate", kMatching, true);
  connect();
}

World::~World() {
  if (application) application->stop();
}

void World::open() {
  vault::OpenOptions options;
  options.directory = directory_.file("vault");
  options.secret = secret();
  options.clock = clock;
  options.read_connections = 2;
  options.pack_files = options_.pack_files;
  vault = must(vault::Vault::open(std::move(options)));
  api::ApplicationOptions serving;
  serving.server.threads = options_.threads;
  serving.dispatcher.public_base_url = options_.base_url;
  serving.outbound.allow = {*outbound::parse_network("127.0.0.0/8")};  // where the tests' receivers are
  serving.forward = forward_profiles();
  application = must(api::Application::start(*vault, std::move(serving)));
}

void World::connect() {
  const auto client = [this](const char* name) { return std::make_unique<Client>(port(), tokens_[name]); };
  admin = client("admin");
  dpo = client("dpo");
  auditor = client("auditor");
  coordinator = client("coordinator");
  matcher = client("matcher");
  other = client("other");
  mailer = client("mailer");
  gate = client("gate");
  nobody = std::make_unique<Client>(port(), std::string());
}

void World::restart() {
  application->stop();
  application.reset();
  vault.reset();
  open();
  connect();
}

std::string World::add_tool(const std::string& id, const std::string& purpose, bool evaluate_any) {
  vault::NewTool tool;
  tool.id = id;
  tool.name = id;
  tool.purposes = {purpose};
  tool.evaluate_any = evaluate_any;
  const auto caller = vault::Accounts::operator_of_the_machine(vault->services());
  return must(vault::Accounts(vault->services()).add_tool(caller, tool));
}

std::string World::add_account(const std::string& label, const std::string& role) {
  const auto caller = vault::Accounts::operator_of_the_machine(vault->services());
  return must(vault::Accounts(vault->services()).add_account(caller, label, *vault::parse_role(role))).token;
}

Client& World::as(const std::string& role) {
  if (role == "admin") return *admin;
  if (role == "dpo") return *dpo;
  if (role == "auditor") return *auditor;
  if (role == "coordinator") return *coordinator;
  if (role == "tool") return *matcher;
  return *nobody;
}

std::string World::register_person(const std::string& email) {
  Json body;
  body["attributes"]["user.name"] = "Canary Lastname";
  body["attributes"]["user.contact.email"] = email;
  body["attributes"]["user.demographic.date_of_birth"] = "1980-02-29";
  body["attributes"]["user.contact.address.postal_code"] = "69003";
  body["attributes"]["user.demographic.profile.skills"] = {"cooking", "driving"};
  const Reply reply = coordinator->post("/v1/subjects", body);
  if (reply.status != 201)
    throw std::runtime_error("registering answered " + std::to_string(reply.status) + " " + reply.body);
  return reply.json().at("id").get<std::string>();
}

Reply World::consent(const std::string& subject, const std::string& purpose, const std::string& status) {
  Json body;
  body["purpose"] = purpose;
  body["status"] = status;
  body["channel"] = "paper";
  body["evidence"] = "form 12";
  return coordinator->post("/v1/subjects/" + subject + "/consents", body);
}

void World::erase(const std::string& subject) {
  const Reply opened = dpo->post("/v1/requests", {{"type", "erasure"}, {"subject", subject}});
  std::string etag = opened.header("etag");
  for (const char* to : {"in_progress", "fulfilled"}) {
    const Reply moved = dpo->post(opened.header("location") + "/transitions", {{"to", to}}, {{"If-Match", etag}});
    EXPECT_EQ(moved.status, 200) << moved.body;
    etag = moved.header("etag");
  }
  EXPECT_EQ(dpo->get("/v1/subjects/" + subject, {{"X-Purpose", "check"}}).status, 410);
}

Json World::question(const std::string& tool, const std::string& person, const std::string& purpose) const {
  Json out;
  out["subject"]["type"] = "application";
  out["subject"]["id"] = tool;
  out["resource"]["type"] = "person";
  out["resource"]["id"] = person;
  out["action"]["name"] = "process";
  out["action"]["properties"]["purpose"] = purpose;
  return out;
}

Json World::evaluate(Client& tool, const std::string& tool_id, const std::string& person, const std::string& purpose) {
  const Reply reply = tool.post("/access/v1/evaluation", question(tool_id, person, purpose));
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.json();
}

}  // namespace egide::testing
