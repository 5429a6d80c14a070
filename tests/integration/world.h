// A real vault in a temporary directory behind a real server on a loopback port, with an account of each kind.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "client.h"
#include "egide/api/application.h"
#include "egide/testing/fake_clock.h"
#include "egide/testing/temp_dir.h"
#include "egide/vault/vault.h"

namespace egide::testing {

inline constexpr const char* kMatching = "ai.mission_matching";
inline constexpr const char* kNewsletter = "newsletter.noncommercial";
inline constexpr const char* kBaseUrl = "https://vault.example.org";

struct WorldOptions {
  std::vector<policies::PackFile> pack_files{};  // as vault::OpenOptions
  std::string base_url = kBaseUrl;
  int threads = 4;
};

class World {
  TempDir directory_;  // outlives the vault in it

 public:
  explicit World(WorldOptions options = {});
  ~World();

  std::uint16_t port() const { return application->port(); }
  void restart();  // server and vault
  void advance(std::chrono::milliseconds by) { clock->advance(by); }

  // "matcher" and "other" are granted matching, "mailer" the newsletter, "gate" may evaluate for any tool.
  std::unique_ptr<Client> admin, dpo, auditor, coordinator, matcher, other, mailer, gate, nobody;
  // The client of a role's name; "tool" is the matcher, "public" nobody.
  Client& as(const std::string& role);

  std::string register_person(const std::string& email);  // the id
  Reply consent(const std::string& subject, const std::string& purpose, const std::string& status);
  void erase(const std::string& subject);  // by a request, to its end
  Json question(const std::string& tool, const std::string& person, const std::string& purpose) const;
  // Asks as that tool.
  Json evaluate(Client& tool, const std::string& tool_id, const std::string& person, const std::string& purpose);
  std::string verifier_key() const { return verifier_key_; }

  std::shared_ptr<FakeClock> clock;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<api::Application> application;

 private:
  void open();
  void connect();
  std::string add_tool(const std::string& id, const std::string& purpose, bool evaluate_any);
  std::string add_account(const std::string& label, const std::string& role);

  WorldOptions options_;
  std::string verifier_key_;
  std::map<std::string, std::string> tokens_;
};

class WorldTest : public ::testing::Test {
 protected:
  World world;
};

}  // namespace egide::testing
