#include "services.h"

namespace egide::vault {

ReadPool::Lease::~Lease() {
  if (pool_ == nullptr) return;
  connection_->rollback();  // ends the snapshot; nothing was written
  pool_->give_back(std::move(connection_));
}

base::Result<std::unique_ptr<ReadPool>> ReadPool::open(storage::Database& database, int connections) {
  auto pool = std::make_unique<ReadPool>();
  for (int i = 0; i < connections; ++i) {
    EGIDE_TRY(auto connection, database.connect());
    pool->idle_.push_back(std::move(connection));
  }
  return pool;
}

base::Result<ReadPool::Lease> ReadPool::lease() {
  std::unique_ptr<storage::Connection> connection;
  {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !idle_.empty(); });
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  if (auto begun = connection->begin_read(); !begun) {
    give_back(std::move(connection));
    return std::move(begun).error();
  }
  return Lease(this, std::move(connection));
}

void ReadPool::give_back(std::unique_ptr<storage::Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  free_.notify_one();
}

Services::~Services() {
  stopping.store(true);
  if (log_check.joinable()) log_check.join();
}

base::Result<SubjectStatePtr> Services::living(const base::SubjectId& id) const {
  auto state = subjects.find(id);
  if (state == nullptr) return base::not_found("There is no such person");
  if (state->erased) return base::Error(base::ErrorCode::Gone, "This person has been erased");
  return state;
}

base::Result<std::optional<base::SubjectId>> Services::resolve_person(const std::string& text, const std::string& tool,
                                                                      const std::string& purpose) {
  if (const auto id = base::SubjectId::parse(text)) return std::optional<base::SubjectId>(*id);
  return pseudonyms->resolve(purpose, tool, text);
}

base::Result<crypto::BlindIndex> Services::exact_index(std::string_view field) const {
  // Uniqueness needs the whole 128 bits (docs/cryptography.md, "Blind indexes").
  return keys->blind_index(tenant, "subject", field, "lookup", 128);
}

}  // namespace egide::vault
