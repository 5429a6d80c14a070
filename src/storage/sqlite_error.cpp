#include "sqlite_error.h"

#include <sqlite3.h>

#include "egide/base/log.h"

namespace egide::storage {
namespace {

bool means_damage(int code) {
  switch (code) {
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return true;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // SQLCipher's answer once a page failed its authentication
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
      return true;
    default:
      return false;
  }
}

}  // namespace

base::Error error_of(int code) {
  if ((code & 0xff) == SQLITE_CONSTRAINT) return base::conflict("The change contradicts what is stored");
  base::log(base::LogLevel::Error, "storage.engine_error", {{"code", code}});
  if (means_damage(code)) return base::integrity_violation("The database is damaged or not readable with this key");
  if ((code & 0xff) == SQLITE_FULL) return base::unavailable("The disk is full");
  if ((code & 0xff) == SQLITE_BUSY) return base::unavailable("The database is in use, try again");
  if ((code & 0xff) == SQLITE_TOOBIG) return base::Error(base::ErrorCode::TooLarge, "The value is too large to store");
  return base::unavailable("The database can't be read or written");
}

}  // namespace egide::storage
