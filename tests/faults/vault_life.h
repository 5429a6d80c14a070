// A small vault on a FaultDisk, what was done to it, and what must hold of it after any fault.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "egide/storage/connection.h"
#include "fault_disk.h"

namespace egide::faults {

// What callers know: which changes they asked for, which were answered.
struct History {
  struct Change {
    int entries = 0;
    bool refused = false;  // fails by itself and leaves one entry `fail`
    bool answered = false;
  };
  std::map<int, Change> changes;
  std::string note;      // the newest checkpoint a caller was answered with
  bool created = false;  // the database was answered to be there
};

// One process: opens the vault (makes it first when `create`), commits `changes` changes, closes. A long life purges
// the history in its middle. Every error is taken as a server takes it: the caller gets it, and the process ends.
// `before_close` runs after the last change was answered, while the vault is open.
void live(FaultDisk& disk, History& history, int changes, Random& random, bool create = false,
          const std::function<void()>& before_close = {});

// A connection to the vault, or nullptr.
std::unique_ptr<storage::Connection> connect(FaultDisk& disk, int transfer_pages);

enum class Finding {
  Whole,     // everything answered is there, no half change, the log verifies and its root recomputes
  Detected,  // Integrity: opening, the engine's check or the log's verification found the damage
  Wrong,
};
struct Check {
  Finding finding = Finding::Wrong;
  std::string why;
};
Check check(FaultDisk& disk, const History& history);

}  // namespace egide::faults
