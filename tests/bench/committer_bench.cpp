// Durable entries a second and the latency of a commit, in process, over SQLCipher with a checkpoint in every
// transaction and every batch read back before it is signed.
//
//   egide_committer_bench DIRECTORY [SECONDS]     DIRECTORY stands on the disk to measure; a database is made in it
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "egide/crypto/random.h"
#include "egide/storage/committer.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"

namespace {

using namespace egide;
using SteadyClock = std::chrono::steady_clock;

// `entries` decisions on one person, each with a sealed detail of about 100 bytes.
class AccessChange final : public storage::Change {
 public:
  explicit AccessChange(int entries) : entries_(entries) {
    draft_.leaf.event = audit::event::kAccessEvaluated;
    draft_.leaf.actor = crypto::random_array<16>();
    draft_.leaf.purpose = "ai.mission_matching";
    draft_.leaf.legal_basis = "consent";
    draft_.leaf.outcome = audit::Outcome::Allow;
    draft_.leaf.policy = crypto::random_array<16>();
    draft_.leaf.request = crypto::random_array<16>();
    draft_.kaudit = kaudit_;
    draft_.subject = base::SubjectId(crypto::random_uuid());
    draft_.resource = crypto::random_uuid();
    draft_.r32 = crypto::random_array<32>();
    draft_.detail = base::ByteView(sealed_).first(60);
    draft_.sealed_detail = sealed_;
    draft_.detail_record = base::RecordId(crypto::random_uuid());
  }
  base::Result<void> apply(storage::ChangeContext& context) override {
    for (int i = 0; i < entries_; ++i) {
      EGIDE_TRY(const auto index, context.append(draft_));
      draft_.previous = index + 1;
    }
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const int entries_;
  const base::ByteArray<32> kaudit_ = crypto::random_array<32>();
  const base::ByteArray<105> sealed_ = crypto::random_array<105>();
  storage::EntryDraft draft_;
};

[[noreturn]] void fail(const base::Error& error) {
  std::fprintf(stderr, "committer_bench: %s\n", error.message().c_str());
  std::exit(1);
}

template <typename T>
T value_or_fail(base::Result<T> result) {
  if (!result) fail(result.error());
  return std::move(result).value();
}

std::unique_ptr<storage::Committer> open_log(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  const std::string digits = base::to_hex(crypto::random_array<48>());
  auto key = value_or_fail(crypto::SecretBytes::copy_of(base::as_bytes(digits)));
  const auto database = value_or_fail(storage::open_sqlcipher({path, "", true}, std::move(key)));
  auto connection = value_or_fail(database->connect());
  value_or_fail(storage::migrate(*connection));
  const auto signing_key = std::make_shared<const crypto::SigningKey>(
      value_or_fail(crypto::SigningKey::from_seed(crypto::random_array<32>())));
  return value_or_fail(storage::Committer::start(std::move(connection), "bench.example.org/audit/2026", signing_key,
                                                 std::make_shared<const base::SystemClock>()));
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void measure(const std::string& path, int threads, int entries_a_change, double seconds) {
  const auto committer = open_log(path);
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const auto start = SteadyClock::now();
  const double cpu_before = cpu_seconds();
  for (auto& mine : latencies)
    running.emplace_back([&committer, &stop, &mine, entries_a_change] {
      AccessChange change(entries_a_change);
      while (!stop.load(std::memory_order_relaxed)) {
        const auto before = SteadyClock::now();
        if (const auto committed = committer->commit(change); !committed) fail(committed.error());
        mine.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - before).count());
      }
    });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (auto& thread : running) thread.join();
  const double took = std::chrono::duration<double>(SteadyClock::now() - start).count();

  const double cpu = cpu_seconds() - cpu_before;

  std::vector<double> all;
  for (const auto& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  const auto percentile = [&all](double p) {
    return all[static_cast<std::size_t>(p * static_cast<double>(all.size() - 1))];
  };
  const auto done = committer->statistics();
  std::printf("%7d %15d %12.0f %9.3f %9.3f %14.1f %13.2f\n", threads, entries_a_change,
              static_cast<double>(done.entries) / took, percentile(0.5), percentile(0.99),
              static_cast<double>(done.changes) / static_cast<double>(done.batches),
              cpu * 1e6 / static_cast<double>(done.entries));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: egide_committer_bench DIRECTORY [SECONDS]\n");
    return 2;
  }
  if (const auto started = crypto::initialize(); !started) fail(started.error());
  const std::string path = std::string(argv[1]) + "/bench.db";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
  std::printf("%7s %15s %12s %9s %9s %14s %13s\n", "threads", "entries/change", "entries/s", "p50 ms", "p99 ms",
              "changes/batch", "CPU us/entry");
  for (const int threads : {1, 8, 64}) measure(path, threads, 1, seconds);
  for (const int threads : {1, 8}) measure(path, threads, 500, seconds);
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  return 0;
}
