// What use cases work with. Made by Vault::open; private to this module.
//
// Thread safety: members say so themselves; Services is not changed after open.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "directory.h"
#include "egide/base/clock.h"
#include "egide/crypto/derived_keys.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/policies/pack.h"
#include "egide/storage/committer.h"
#include "egide/storage/connection.h"
#include "egide/storage/files.h"
#include "egide/vault/caller.h"
#include "projection.h"

namespace egide::vault {

class AccessGateway;  // access_gateway.h

// Connections for reading, lent one at a time, each lease in one snapshot.
class ReadPool {
 public:
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(other.pool_), connection_(std::move(other.connection_)) {
      other.pool_ = nullptr;
    }
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    storage::Connection& operator*() const { return *connection_; }
    storage::Connection* operator->() const { return connection_.get(); }

   private:
    friend class ReadPool;
    Lease(ReadPool* pool, std::unique_ptr<storage::Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ReadPool* pool_;
    std::unique_ptr<storage::Connection> connection_;
  };

  static base::Result<std::unique_ptr<ReadPool>> open(storage::Database& database, int connections);
  base::Result<Lease> lease();  // waits for a free one

 private:
  void give_back(std::unique_ptr<storage::Connection> connection);
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<storage::Connection>> idle_;
};

class Services {
 public:
  std::string directory;
  std::string organisation, language, origin, verifier_key;
  std::string tenant;  // part of every seal's AD
  base::ByteArray<16> operator_actor{};

  std::shared_ptr<const base::Clock> clock;
  std::shared_ptr<const policies::Pack> pack;
  std::optional<crypto::DerivedKeys> keys;
  crypto::EpochKeys epoch_keys;
  crypto::SecretBytes root;  // what wraps the epoch keys' file, written anew each day

  std::optional<storage::DirectoryLock> lock;
  std::unique_ptr<storage::Database> database;
  std::unique_ptr<ReadPool> reads;
  SubjectProjection subjects;
  AccountDirectory accounts;
  NoticeDirectory notices;
  std::unique_ptr<PseudonymDomains> pseudonyms;
  std::shared_ptr<AccessGateway> gateway;         // which types are whose, generic policies, lists of people to contact
  std::unique_ptr<storage::Committer> committer;  // last: its thread uses what stands above

  std::atomic<int> log_check_result{0};  // 0 running, 1 passed, 2 failed
  std::atomic<bool> stopping{false};
  std::thread log_check;  // the whole log, verified once after start

  ~Services();

  // NotFound, Gone.
  base::Result<SubjectStatePtr> living(const base::SubjectId& id) const;
  // Subject id or pseudonym of (tool, purpose); nothing when it is neither.
  base::Result<std::optional<base::SubjectId>> resolve_person(const std::string& text, const std::string& tool,
                                                              const std::string& purpose);
  base::Result<crypto::BlindIndex> exact_index(std::string_view field) const;
};

}  // namespace egide::vault
