// Decisions recorded a second, in process and durable: batches of 500 CloudEvents as text, parsed, checked, resolved to
// people of a vault of 1,000, sealed, logged and stored.
//
//   egide_decisions_bench DIRECTORY [SECONDS]     DIRECTORY stands on the disk to measure; a vault is made in it
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "egide/base/json.h"
#include "egide/vault/accounts.h"
#include "egide/vault/consents.h"
#include "egide/vault/decisions.h"
#include "egide/vault/subjects.h"
#include "egide/vault/vault.h"

namespace {

using namespace egide;
using SteadyClock = std::chrono::steady_clock;

constexpr int kPeople = 1000;
constexpr int kBatch = 500;

[[noreturn]] void fail(const base::Error& error) {
  std::fprintf(stderr, "decisions_bench: %s\n", error.message().c_str());
  for (const auto& field : error.fields())
    std::fprintf(stderr, "  %s %s\n", field.pointer.c_str(), field.detail.c_str());
  std::exit(1);
}

template <typename T>
T value_or_fail(base::Result<T> result) {
  if (!result) fail(result.error());
  return std::move(result).value();
}

vault::UnsealSecret secret() {
  vault::UnsealSecret out;
  out.key_file = value_or_fail(crypto::SecretBytes::copy_of(base::as_bytes("0123456789abcdef0123456789abcdef")));
  return out;
}

std::string reference(int person) {
  char text[16];
  std::snprintf(text, sizeof text, "BEN-%05d", person);
  return text;
}

// A vault of 1,000 people, two thirds of whom consented, and a tool.
struct Bench {
  explicit Bench(const std::string& directory) {
    const auto clock = std::make_shared<const base::SystemClock>();
    vault::CreateOptions create;
    create.directory = directory;
    create.organisation = "Bench";
    create.clock = clock;
    create.secret = secret();
    (void)value_or_fail(vault::create_vault(create));
    vault::OpenOptions open;
    open.directory = directory;
    open.clock = clock;
    open.secret = secret();
    vault = value_or_fail(vault::Vault::open(std::move(open)));
    const auto caller = vault::Accounts::operator_of_the_machine(vault->services());
    for (int i = 0; i < kPeople; ++i) add_person(caller, i);
    vault::Accounts accounts(vault->services());
    vault::NewTool created;
    created.id = "matcher";
    created.name = "matcher";
    created.purposes = {"ai.mission_matching"};
    tool = value_or_fail(accounts.authenticate(value_or_fail(accounts.add_tool(caller, created))));
  }
  void add_person(const vault::Caller& caller, int person) {
    vault::Attributes attributes;
    attributes["user.unique_id"] = reference(person);
    attributes["user.demographic.date_of_birth"] = "1980-02-29";
    const auto id =
        value_or_fail(vault::RegisterSubject(vault->services()).execute(caller, attributes, "fr", "import"));
    if (person % 3 == 0) return;
    vault::NewConsent consent;
    consent.purpose = "ai.mission_matching";
    consent.status = "given";
    consent.channel = "import";
    consent.evidence = "list of members";
    (void)value_or_fail(vault::RecordConsent(vault->services()).execute(caller, id, consent));
  }

  std::unique_ptr<vault::Vault> vault;
  vault::Caller tool;
};

std::string batch_text(int thread, int batch) {
  std::string out = "[";
  for (int i = 0; i < kBatch; ++i) {
    const int number = batch * kBatch + i;
    char text[700];
    std::snprintf(
        text, sizeof text,
        R"(%s{"specversion":"1.0","id":"r%07d-%d","source":"urn:asso:match:%d","type":"org.egide.decision.v1",)"
        R"("time":"2026-08-31T15:11:46Z","subject":"M-%03d","sequence":"%08d","data":{"subject":"%s",)"
        R"("system_id":"appariement","system_version":"2.0.0","mission_type":"accueil","outcome":)"
        R"({"value":"not_proposed","score":0.%03d,"rank":%d,"candidates_count":7},"inputs_used":[{"name":"distance_km",)"
        R"("value":%d.5},{"name":"skills_shared","value":%d},{"name":"mobile_app","value":false}]}})",
        i == 0 ? "" : ",", number / 7, number % 7, thread, number % 40, number,
        reference((number * 7919 + thread * 131) % kPeople).c_str(), number % 1000, number % 7 + 1, number % 30,
        number % 4);
    out += text;
  }
  return out + "]";
}

double cpu_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// What one posting thread did, and the processor time it took.
struct Posted {
  std::vector<double> latencies;  // ms
  double making = 0, parsing = 0, recording = 0;
};

void post(Bench& bench, int thread, const std::atomic<bool>& stop, Posted& out) {
  base::JsonLimits limits;
  limits.max_bytes = 16U << 20;
  const auto cpu = [] { return cpu_seconds(CLOCK_THREAD_CPUTIME_ID); };
  for (int batch = 0; !stop.load(std::memory_order_relaxed); ++batch) {
    const double begin = cpu();
    const std::string text = batch_text(thread, batch);
    const auto before = SteadyClock::now();
    const double made = cpu();
    const auto events = value_or_fail(base::parse_json(text, limits));
    const double parsed = cpu();
    (void)value_or_fail(vault::RecordDecisions(bench.vault->services()).execute(bench.tool, events));
    out.recording += cpu() - parsed;
    out.parsing += parsed - made;
    out.making += made - begin;
    out.latencies.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - before).count());
  }
}

void report(std::vector<Posted>& posted, double took, double cpu) {
  std::vector<double> all;
  Posted sum;
  for (const Posted& one : posted) {
    all.insert(all.end(), one.latencies.begin(), one.latencies.end());
    sum.making += one.making;
    sum.parsing += one.parsing;
    sum.recording += one.recording;
  }
  std::sort(all.begin(), all.end());
  const double done = static_cast<double>(all.size()) * kBatch;
  const auto each = [done](double seconds) { return seconds * 1e6 / done; };
  std::printf("%7zu %12.0f %8.1f %8.1f %9.1f %9.1f %9.1f\n", posted.size(), done / took, all[all.size() / 2],
              all[static_cast<std::size_t>(static_cast<double>(all.size() - 1) * 0.99)], each(sum.parsing),
              each(sum.recording), each(cpu - sum.making - sum.parsing - sum.recording));
  std::fflush(stdout);
}

void measure(const std::string& directory, int threads, double seconds) {
  std::filesystem::remove_all(directory);
  {
    Bench bench(directory);
    std::atomic<bool> stop{false};
    std::vector<Posted> posted(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    const auto start = SteadyClock::now();
    const double cpu_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int t = 0; t < threads; ++t)
      running.emplace_back([&, t] { post(bench, t, stop, posted[static_cast<std::size_t>(t)]); });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (auto& thread : running) thread.join();
    const double cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
    report(posted, std::chrono::duration<double>(SteadyClock::now() - start).count(), cpu);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: egide_decisions_bench DIRECTORY [SECONDS]\n");
    return 2;
  }
  if (const auto started = crypto::initialize(); !started) fail(started.error());
  const std::string directory = std::string(argv[1]) + "/decisions-bench-vault";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
  std::printf("%7s %12s %8s %8s %30s\n", "", "", "", "", "CPU us a decision in");
  std::printf("%7s %12s %8s %8s %9s %9s %9s\n", "threads", "decisions/s", "p50 ms", "p99 ms", "parsing", "caller",
              "committer");
  for (const int threads : {1, 2, 4}) measure(directory, threads, seconds);
  return 0;
}
