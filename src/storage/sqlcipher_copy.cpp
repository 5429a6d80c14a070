#include "egide/storage/sqlcipher_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace egide::storage {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

struct Object {
  std::string name, sql;
  bool is_table = false;
};

// Tables first: an index made after its table was filled is written once.
base::Result<std::vector<Object>> objects(Connection& connection) {
  Statement& rows = connection.prepare(
      "SELECT name, sql, type = 'table' FROM old.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' "
      "ESCAPE "
      "'\\' ORDER BY type = 'table' DESC, rowid");
  std::vector<Object> out;
  for (;;) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) return out;
    out.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2) != 0});
  }
}

base::Result<void> copy_objects(Connection& connection) {
  EGIDE_TRY(const auto all, objects(connection));
  for (const Object& object : all) {
    EGIDE_TRY_VOID(connection.execute(object.sql));
    if (!object.is_table) continue;
    const std::string name = quoted(object.name, '"');
    EGIDE_TRY_VOID(connection.execute("INSERT INTO main." + name + " SELECT * FROM old." + name));
  }
  return {};
}

}  // namespace

base::Result<void> copy_sqlcipher(Connection& connection, const std::string& path) {
  // Empty and private before the engine writes to it: it takes an empty file, and would make one that others can read.
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno == EEXIST ? base::conflict("There is a file already: " + path)
                           : base::unavailable("The file can't be made: " + path);
  ::close(fd);
  auto copied = connection.execute("VACUUM INTO " + quoted(path, '\''));
  if (!copied) ::unlink(path.c_str());
  return copied;
}

base::Result<void> copy_rows_sqlcipher(Connection& connection, const std::string& path,
                                       const crypto::SecretBytes& key) {
  std::string attach = "ATTACH DATABASE " + quoted(path, '\'') + " AS old KEY \"x'";
  attach.reserve(attach.size() + key.size() + 2);  // no copy of the key left behind by growing
  attach += base::as_text(key.expose_secret());
  attach += "'\"";
  const auto attached = connection.execute(attach);
  crypto::wipe(attach);
  EGIDE_TRY_VOID(attached);
  EGIDE_TRY_VOID(connection.begin_write());
  auto copied = connection.execute("PRAGMA defer_foreign_keys=ON");  // until the commit: tables come in any order
  if (copied) copied = copy_objects(connection);
  if (copied) copied = connection.commit();
  if (!copied) connection.rollback();
  return copied;
}

}  // namespace egide::storage
