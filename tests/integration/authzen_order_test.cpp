// Art. 7(3): every evaluation that starts after the answer to a withdrawal denies, whoever asks at the same time.
// What is tested is the order, not the time.
#include <atomic>
#include <thread>

#include "world.h"

namespace egide::testing {
namespace {

constexpr int kClients = 64;
constexpr int kRounds = 4;
constexpr int kAfter = 4;  // evaluations each client starts after the answer

WorldOptions many_threads() {
  WorldOptions options;
  options.threads = 16;
  return options;
}

class AuthzenOrderTest : public ::testing::Test {
 protected:
  World world{many_threads()};
  std::string person = world.register_person("one@example.org");

  // True when the tool was allowed anything, by the way that `how` chooses.
  bool is_allowed(Client& client, int how) {
    Json question = world.question("matcher", person, kMatching);
    if (how == 0) return client.post("/access/v1/evaluation", question).json().at("decision").get<bool>();
    if (how == 1) {
      Json batch;
      batch["evaluations"] = {question, question};
      const Json answers = client.post("/access/v1/evaluations", batch).json().at("evaluations");
      return answers[0].at("decision").get<bool>() || answers[1].at("decision").get<bool>();
    }
    if (how == 2) {
      question["resource"].erase("id");
      return !client.post("/access/v1/search/resource", question).json().at("results").empty();
    }
    const Reply read = client.post("/v1/gateway/read", {{"subject", person}, {"purpose", kMatching}});
    return read.json().at("decision").get<bool>() || read.json().contains("fields");
  }
};

TEST_F(AuthzenOrderTest, NobodyIsPermittedAfterTheWithdrawalWasAnswered) {
  std::atomic<bool> withdrawn{false};
  std::atomic<int> round{0}, before{0}, after{0}, wrong{0}, finished{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      Client client(world.port(), world.matcher->token());
      for (int mine = 1; mine <= kRounds; ++mine) {
        for (int now = round.load(); now < mine; now = round.load()) round.wait(now);
        for (int left = kAfter; left > 0;) {
          const bool must_deny = withdrawn.load();  // read before the request is sent
          const bool allowed = is_allowed(client, i % 4);
          if (must_deny) --left;
          (must_deny ? after : before).fetch_add(1);
          if (must_deny && allowed) wrong.fetch_add(1);
        }
        finished.fetch_add(1);
      }
    });
  }
  for (int i = 1; i <= kRounds; ++i) {
    withdrawn.store(false);
    const int answered = before.load();
    EXPECT_EQ(world.consent(person, kMatching, "given").status, 201);
    round.store(i);
    round.notify_all();
    while (before.load() < answered + kClients) std::this_thread::yield();  // all are under way
    EXPECT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
    withdrawn.store(true);
    while (finished.load() < i * kClients) std::this_thread::yield();
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_GE(before.load(), kRounds * kClients);
  EXPECT_EQ(after.load(), kRounds * kClients * kAfter);
}

}  // namespace
}  // namespace egide::testing
