#include "sqlcipher_settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/log.h"
#include "sqlcipher_connection.h"
#include "sqlite_error.h"

namespace egide::storage {
namespace {

using base::Result;

struct Setting {
  const char* set;  // nullptr: SQLCipher's default, only read
  const char* read;
  std::string_view expected;
};

// Unknown pragmas and late settings succeed and do nothing, so each is read back.
constexpr Setting kSettings[] = {
    {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},  // NORMAL loses acknowledged commits on power loss
    {"PRAGMA secure_delete=ON", "PRAGMA secure_delete", "1"},
    {"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2"},
    {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1"},
    {"PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0"},
    {"PRAGMA cache_size=-64000", "PRAGMA cache_size", "-64000"},
    {nullptr, "PRAGMA cipher_memory_security", "0"},  // ON cost 28 % of single-row commits; the key arena is locked
};

constexpr std::array<std::string_view, 6> kCipherSettings = {
    "PRAGMA kdf_iter = 256000;",
    "PRAGMA cipher_page_size = 4096;",
    "PRAGMA cipher_use_hmac = 1;",
    "PRAGMA cipher_plaintext_header_size = 0;",
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA512;",
    "PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA512;",
};

Result<void> run(sqlite3* handle, const char* sql) {
  const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(code);
  return {};
}

base::Error not_taken(std::string_view what) {
  base::log(base::LogLevel::Error, "storage.setting_refused", {{"setting", what}});
  return base::unavailable("The database engine did not take a required setting");
}

// Before the first key: from the key on, the library would write page numbers to stderr. The level is one variable of
// the process, which every connection reads: it is set once, not under their eyes.
Result<void> silence_library(sqlite3* handle) {
  static std::mutex mutex;
  static bool done = false;
  const std::lock_guard lock(mutex);
  if (!done) EGIDE_TRY_VOID(run(handle, "PRAGMA cipher_log_level=NONE"));
  done = true;
  return {};
}

Result<void> set_key(sqlite3* handle, const crypto::SecretBytes& key) {
  // x'<96 digits>': a raw key and salt. Any other length would be taken as a passphrase, without an error.
  std::array<char, kKeyDigits + 3> text;
  text[0] = 'x';
  text[1] = '\'';
  std::memcpy(text.data() + 2, key.expose_secret().data(), kKeyDigits);
  text[kKeyDigits + 2] = '\'';
  const int code = sqlite3_key_v2(handle, "main", text.data(), static_cast<int>(text.size()));
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  if (code != SQLITE_OK) return error_of(code);
  return {};
}

Result<void> check_version(sqlite3* handle) {
  EGIDE_TRY(const std::string version, query_text(handle, "PRAGMA cipher_version"));
  char* end = nullptr;
  const long major = std::strtol(version.c_str(), &end, 10);
  const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
  if (major < 4 || (major == 4 && minor < 5)) return base::unavailable("SQLCipher 4.5 or newer is required");
  return {};
}

Result<void> check_cipher_settings(sqlite3* handle) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle, "PRAGMA cipher_settings", -1, &statement, nullptr);
  std::size_t rows = 0;
  bool all_expected = code == SQLITE_OK;
  while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    const std::string_view row = text != nullptr ? text : "";
    all_expected =
        all_expected && std::find(kCipherSettings.begin(), kCipherSettings.end(), row) != kCipherSettings.end();
    ++rows;
    code = SQLITE_OK;
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) return error_of(code);
  if (!all_expected || rows != kCipherSettings.size()) return not_taken("cipher_settings");
  return {};
}

}  // namespace

Result<std::string> query_text(sqlite3* handle, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr);
  std::string value;
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      if (text != nullptr) value = text;
    }
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) return error_of(code);
  return value;
}

Result<void> key_and_configure(sqlite3* handle, const crypto::SecretBytes& key) {
  EGIDE_TRY_VOID(silence_library(handle));
  EGIDE_TRY_VOID(set_key(handle, key));
  EGIDE_TRY_VOID(check_version(handle));
  // The first read is what tells a wrong key; setting it always answers ok.
  EGIDE_TRY(const std::string tables, query_text(handle, "SELECT count(*) FROM sqlite_master"));
  EGIDE_TRY_VOID(check_cipher_settings(handle));
  for (const Setting& setting : kSettings) {
    if (setting.set != nullptr) EGIDE_TRY_VOID(run(handle, setting.set));
    EGIDE_TRY(const std::string value, query_text(handle, setting.read));
    if (value != setting.expected) return not_taken(setting.read);
  }
  // Only now: in a new file the key is not used before journal_mode writes the first page.
  EGIDE_TRY(const std::string salt, query_text(handle, "PRAGMA cipher_salt"));
  if (salt != base::as_text(key.expose_secret().last(kSaltDigits))) return not_taken("cipher_salt");
  // No statement may write to the schema table or to shadow tables behind egide's back.
  int defensive = 0;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &defensive);
  if (defensive != 1) return not_taken("defensive");
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  return {};
}

Result<void> check_header(sqlite3* handle, const crypto::SecretBytes& key) {
  const auto refused = [] {
    return base::integrity_violation("The database is damaged or not readable with this key");
  };
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr)
    return base::unavailable("The database can't be read or written");
  base::ByteArray<16> header{};
  const int code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  if (code == SQLITE_IOERR_SHORT_READ) return refused();
  if (code != SQLITE_OK) return error_of(code);
  if (base::as_text(header).substr(0, 15) == "SQLite format 3") return refused();
  if (base::to_hex(header) != base::as_text(key.expose_secret().last(kSaltDigits))) return refused();
  return {};
}

}  // namespace egide::storage
