// How long a day's turn takes for many people, and how long a request waits meanwhile.
//
//   egide_rewrap_bench DIRECTORY [PEOPLE [BATCH]]     DIRECTORY stands on the disk to measure; a vault is made in it
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "egide/crypto/secret.h"
#include "egide/testing/fake_clock.h"
#include "egide/vault/accounts.h"
#include "egide/vault/epochs.h"
#include "new_subject.h"
#include "request_chain.h"

namespace {

using namespace egide;
using SteadyClock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

vault::UnsealSecret secret() {
  vault::UnsealSecret out;
  out.key_file = *crypto::SecretBytes::copy_of(base::as_bytes("0123456789abcdef0123456789abcdef"));
  return out;
}

[[noreturn]] void fail(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::exit(1);
}

// People registered many in a change, as an import does.
class Arrivals final : public storage::Change {
 public:
  Arrivals(vault::Services& services, int people) : services_(services), people_(people) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    for (int i = 0; i < people_; ++i) {
      vault::Attributes attributes;
      attributes["user.name"] = "Camille Exemple";
      EGIDE_TRY(auto subject, vault::make_subject(services_, attributes, {}, "fr", "api", context.now()));
      EGIDE_TRY_VOID(vault::insert_subject(context.connection(), subject));
      states_.push_back(subject.state);
    }
    return {};
  }
  void on_applied() noexcept override {
    for (auto& state : states_) services_.subjects.put(std::move(state));
  }

 private:
  vault::Services& services_;
  const int people_;
  std::vector<vault::SubjectStatePtr> states_;
};

double cpu_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

// The longest and the median wait of single logged reads, one after the other, until told to stop.
void wait_and_measure(vault::Services& services, const std::atomic<bool>& done, std::vector<double>& waits) {
  const auto caller = vault::Accounts::operator_of_the_machine(services);
  while (!done.load()) {
    const auto begin = SteadyClock::now();
    const auto read = vault::log_plain_read(services, caller, audit::event::kReportMade);
    if (!read) fail(read.error());
    waits.push_back(Millis(SteadyClock::now() - begin).count());
  }
  std::sort(waits.begin(), waits.end());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: egide_rewrap_bench DIRECTORY [PEOPLE [BATCH]]\n");
    return 2;
  }
  const int people = argc > 2 ? std::atoi(argv[2]) : 100'000;
  vault::EpochOptions epochs;
  if (argc > 3) epochs.batch = static_cast<std::size_t>(std::atoi(argv[3]));
  if (const auto ready = crypto::initialize(); !ready) fail(ready.error());
  const auto clock = std::make_shared<testing::FakeClock>(base::Timestamp(std::chrono::milliseconds(1795000000000)));
  vault::CreateOptions creating;
  creating.directory = std::string(argv[1]) + "/rewrap-bench";
  creating.organisation = "Bench";
  creating.clock = clock;
  creating.secret = secret();
  if (const auto created = vault::create_vault(creating); !created) fail(created.error());
  vault::OpenOptions opening;
  opening.directory = creating.directory;
  opening.clock = clock;
  opening.secret = secret();
  auto opened = vault::Vault::open(std::move(opening));
  if (!opened) fail(opened.error());
  auto& services = (*opened)->services();
  for (int made = 0; made < people; made += 1000) {
    Arrivals arrivals(services, std::min(1000, people - made));
    if (const auto committed = services.committer->commit(arrivals); !committed) fail(committed.error());
  }
  for (int round = 0; round < 3; ++round) {
    const bool busy = round > 0;
    clock->advance(std::chrono::hours(24));
    std::atomic<bool> done{false};
    std::vector<double> waits;
    std::thread others;
    if (busy) others = std::thread([&] { wait_and_measure(services, done, waits); });
    const auto begin = SteadyClock::now();
    const double cpu = cpu_ms();
    const auto turned = vault::turn_epoch(**opened, epochs);
    const Millis took = SteadyClock::now() - begin;
    const double used = cpu_ms() - cpu;
    done = true;
    if (busy) others.join();
    if (!turned) fail(turned.error());
    std::printf("%zu people wrapped in %.0f ms (%.0f ms of processor)", turned->wrapped, took.count(), used);
    if (busy && !waits.empty())
      std::printf("; meanwhile %zu logged reads waited %.2f ms (median), %.1f ms at most", waits.size(),
                  waits[waits.size() / 2], waits.back());
    std::printf("\n");
  }
  return 0;
}
