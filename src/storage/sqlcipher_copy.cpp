#include "egide/storage/sqlcipher_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace egide::storage {

base::Result<void> copy_sqlcipher(Connection& connection, const std::string& path) {
  // Empty and private before the engine writes to it: it takes an empty file, and would make one that others can read.
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno == EEXIST ? base::conflict("There is a file already: " + path)
                           : base::unavailable("The file can't be made: " + path);
  ::close(fd);
  std::string quoted;
  for (const char c : path) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  auto copied = connection.execute("VACUUM INTO '" + quoted + "'");
  if (!copied) ::unlink(path.c_str());
  return copied;
}

}  // namespace egide::storage
