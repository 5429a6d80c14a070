// A withdrawal counts for every evaluation that begins after its answer, however many ask at once. The test observes
// the order alone: each client notes whether the withdrawal had been answered before it asked.
#include <atomic>
#include <thread>
#include <vector>

#include "world.h"

namespace egide::testing {
namespace {

constexpr int kClients = 64;

class WithdrawalOrderTest : public WorldTest {};

TEST_F(WithdrawalOrderTest, NoPermitBeginsAfterTheAnswer) {
  const auto person = world.register_person("zoe@example.org");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const auto question = world.question("matcher", person, kMatching).dump();

  std::atomic<bool> withdrawn{false};
  std::atomic<int> asking{0}, permits_before{0}, denials_after{0}, permits_after{0}, others{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i)
    clients.emplace_back([&] {
      Client client(world.port(), world.matcher->token());
      bool counted = false;
      for (int asked_after = 0; asked_after < 20;) {
        const bool after = withdrawn.load();
        const Reply reply = client.send("POST", "/access/v1/evaluation", question);
        const Json answer = reply.json();
        if (reply.status != 200 || !answer.contains("decision"))
          ++others;
        else if (answer.at("decision").get<bool>())
          ++(after ? permits_after : permits_before);
        else if (after)
          ++denials_after;
        asked_after += after ? 1 : 0;
        if (!counted) counted = ++asking > 0;
      }
    });
  while (asking < kClients) std::this_thread::yield();  // all of them have had an answer
  const Reply withdrawal = world.consent(person, kMatching, "withdrawn");
  withdrawn = true;
  for (auto& client : clients) client.join();

  ASSERT_EQ(withdrawal.status, 201) << withdrawal.body;
  EXPECT_EQ(permits_after, 0);
  EXPECT_EQ(denials_after, kClients * 20);
  EXPECT_GE(permits_before, kClients);
  EXPECT_EQ(others, 0);
}

}  // namespace
}  // namespace egide::testing
