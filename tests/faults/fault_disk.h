// A disk in memory that fails on demand: the n-th operation gives an error, flips a bit or is where the power goes.
//
// It knows what a real one keeps: written bytes are seen at once by every reader, but survive a power cut only after a
// sync; without one, each 512-byte sector of each write survives or not. A sync that fails loses the written bytes for
// later syncs, as Linux does: they stay readable until the power goes. A name is durable once its file or, for a
// deleted one, its directory was synced.
//
// Thread safety: safe from many threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace egide::faults {

using Random = std::mt19937_64;

enum class Operation : unsigned { Read = 1, Write = 2, Sync = 4, Truncate = 8, Delete = 16, Open = 32 };
inline constexpr unsigned kEvery = 63;
inline constexpr unsigned kChanging = 2 | 4 | 8 | 16;  // those that make the disk another one

enum class Effect { Error, ErrorsFromNowOn, PowerCut, FlippedBit };

struct Fault {
  std::uint64_t at = 0;  // the `at`-th operation of `kinds`, from 1; 0: none
  unsigned kinds = kEvery;
  Effect effect = Effect::Error;
};

// What survives a power cut of what was not synced.
enum class Survival { Nothing, Everything, PrefixAndTornWrite, RandomSectors };

class FaultDisk {
 public:
  FaultDisk() = default;
  FaultDisk(const FaultDisk& other);  // the same files, all durable; no fault
  FaultDisk& operator=(const FaultDisk&) = delete;

  // Counting starts anew.
  void plan(const Fault& fault, std::uint64_t seed);
  std::uint64_t operations() const;  // of the planned kinds, since plan()
  bool struck() const;               // whether the fault happened
  // The disk as it is after the power came back.
  std::unique_ptr<FaultDisk> after_power_cut(Survival survival, Random& random) const;
  // Flips a bit of a file that stands on the disk; false when there is none.
  bool flip_stored_bit(Random& random);
  std::string fingerprint() const;  // equal for disks with equal files

  // As sqlite3_io_methods has them; the results are SQLite's codes.
  struct File;
  std::shared_ptr<File> open(const std::string& name, bool create, int& result);
  int read(File& file, void* out, std::uint64_t size, std::uint64_t offset);
  int write(File& file, const void* bytes, std::uint64_t size, std::uint64_t offset);
  int truncate(File& file, std::uint64_t size);
  int sync(File& file);
  int size(File& file, std::uint64_t& out);
  int remove(const std::string& name, bool sync_directory);
  bool exists(const std::string& name) const;

 private:
  enum class Verdict { Go, Fail, FailAndDie, Flip, Dead };
  Verdict next(Operation operation);
  void sync_directory();

  using Names = std::map<std::string, std::shared_ptr<File>>;
  mutable std::mutex mutex_;
  Names names_, durable_names_;
  Fault fault_;
  std::uint64_t count_ = 0;
  bool struck_ = false, dead_ = false;
  Random random_;
};

// A write or a truncation since the last sync.
struct Pending {
  bool truncates = false;
  std::uint64_t offset = 0;  // of a truncation: the new size
  std::string bytes;
};

struct FaultDisk::File {
  std::string name;
  std::string content;  // what readers see
  std::string durable;  // what is on the plates
  std::vector<Pending> pending;
  bool syncs_directory = false;  // with its first sync, as SQLite does for a new file

  // Shared memory of the WAL index: gone with the process.
  std::vector<std::unique_ptr<char[]>> shared_memory;
  int shared_memory_users = 0;
};

}  // namespace egide::faults
