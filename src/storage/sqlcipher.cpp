#include "egide/storage/sqlcipher.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "sqlcipher_connection.h"
#include "sqlcipher_settings.h"
#include "sqlite_error.h"

namespace egide::storage {
namespace {

using base::Result;

struct CloseHandle {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;

const char* name_or_null(const std::string& name) { return name.empty() ? nullptr : name.c_str(); }

void start_engine() {
  static const bool started = [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // a lock for each allocation otherwise
    return sqlite3_initialize() == SQLITE_OK;
  }();
  EGIDE_CHECK(started);
}

Result<void> sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return base::unavailable("The database file can't be created");
  return {};
}

// Claims the path. Only the platform's own file layer can do it in one step; a test's layer is asked first.
Result<void> claim_new_file(const SqlcipherOptions& options) {
  const base::Error exists = base::conflict("A database exists already");
  if (options.vfs.empty()) {
    const int fd = ::open(options.path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? exists : base::unavailable("The database file can't be created");
    ::close(fd);
    return sync_directory_of(options.path);
  }
  sqlite3_vfs* vfs = sqlite3_vfs_find(options.vfs.c_str());
  if (vfs == nullptr) return base::unavailable("No such file layer");
  int found = 0;
  const int code = vfs->xAccess(vfs, options.path.c_str(), SQLITE_ACCESS_EXISTS, &found);
  if (code != SQLITE_OK) return error_of(code);
  if (found != 0) return exists;
  return {};
}

Result<Handle> open_handle(const SqlcipherOptions& options, const crypto::SecretBytes& key, bool create) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(options.path.c_str(), &raw, flags, name_or_null(options.vfs));
  Handle handle(raw);
  if (code != SQLITE_OK) {
    if ((code & 0xff) == SQLITE_CANTOPEN) return base::unavailable("The database file is missing or can't be opened");
    return error_of(code);
  }
  // Before the key: an un-keyed plaintext file must not even be read as a database.
  if (!create) EGIDE_TRY_VOID(check_header(handle.get(), key));
  EGIDE_TRY_VOID(key_and_configure(handle.get(), key));
  if (create) EGIDE_TRY_VOID(check_header(handle.get(), key));
  return handle;
}

// What an earlier process left in the WAL may be readable without being on the disk: after a failed fsync the kernel
// keeps such pages, and no later fsync writes them. Commits appended behind them would be lost with them at the next
// power cut. So a vault begins with its WAL copied into the database, written and synced anew.
Result<void> begin_with_empty_wal(sqlite3* handle) {
  const int code = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // Busy: another connection is open, in a process that went through here.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) return error_of(code);
  return {};
}

class SqlcipherDatabase final : public Database {
 public:
  SqlcipherDatabase(SqlcipherOptions options, crypto::SecretBytes key)
      : options_(std::move(options)),
        key_(std::move(key)),
        engine_("sqlcipher " + sqlcipher_version() + ", SQLite " + sqlite3_libversion()) {}

  Result<std::unique_ptr<Connection>> connect() override {
    EGIDE_TRY(Handle handle, open_handle(options_, key_, false));
    return std::unique_ptr<Connection>(
        std::make_unique<SqlcipherConnection>(handle.release(), options_.transfer_pages));
  }
  std::string_view engine() const override { return engine_; }

 private:
  const SqlcipherOptions options_;
  const crypto::SecretBytes key_;
  const std::string engine_;
};

bool is_raw_key(const crypto::SecretBytes& key) {
  const auto text = base::as_text(key.expose_secret());
  return text.size() == kKeyDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlcipher(const SqlcipherOptions& options, crypto::SecretBytes key) {
  if (!is_raw_key(key)) return base::invalid_request("The database key is not 96 lower-case hex digits");
  start_engine();
  if (options.create) EGIDE_TRY_VOID(claim_new_file(options));
  auto handle = open_handle(options, key, options.create);
  if (!handle) {
    if (options.create && options.vfs.empty()) ::unlink(options.path.c_str());  // claimed above, holds nothing
    return std::move(handle).error();
  }
  EGIDE_TRY_VOID(begin_with_empty_wal(handle->get()));
  return std::unique_ptr<Database>(std::make_unique<SqlcipherDatabase>(options, std::move(key)));
}

std::string sqlcipher_version() {
  start_engine();
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const Handle handle(raw);
  if (code != SQLITE_OK) return {};
  return query_text(raw, "PRAGMA cipher_version").value_or(std::string());
}

}  // namespace egide::storage
