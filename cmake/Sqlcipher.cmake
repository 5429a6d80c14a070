# SQLCipher >= 4.5: the system's when it has one, else the pinned 4.14.0 amalgamation that
# tools of ./start put under third_party/npm/node_modules (npm ci --ignore-scripts).
# Sets the target egide_sqlcipher.
pkg_check_modules(SYSTEM_SQLCIPHER QUIET IMPORTED_TARGET "sqlcipher>=4.5")
if(SYSTEM_SQLCIPHER_FOUND)
  # Some packagings put SQLite's number into the .pc file, so the library itself is asked.
  file(WRITE "${CMAKE_BINARY_DIR}/sqlcipher_probe.c" "
#include <sqlite3.h>
#include <stdlib.h>
static int row(void* found, int n, char** values, char** names) {
  (void)n; (void)names;
  *(int*)found = values[0] && atof(values[0]) >= 4.5; return 0; }
int main(void) {
  sqlite3* db; int found = 0;
  if (sqlite3_open(\":memory:\", &db)) return 1;
  sqlite3_exec(db, \"PRAGMA cipher_version\", row, &found, 0);
  return found ? 0 : 1; }
")
  try_run(probe_exit probe_compiled "${CMAKE_BINARY_DIR}/sqlcipher_probe"
    "${CMAKE_BINARY_DIR}/sqlcipher_probe.c" LINK_LIBRARIES PkgConfig::SYSTEM_SQLCIPHER)
  if(NOT probe_compiled OR NOT probe_exit EQUAL 0)
    set(SYSTEM_SQLCIPHER_FOUND FALSE)
  endif()
endif()

add_library(egide_sqlcipher INTERFACE)
if(SYSTEM_SQLCIPHER_FOUND)
  message(STATUS "SQLCipher: the system's package")
  target_link_libraries(egide_sqlcipher INTERFACE PkgConfig::SYSTEM_SQLCIPHER)
  target_compile_definitions(egide_sqlcipher INTERFACE SQLITE_HAS_CODEC)
else()
  set(amalgamation "${PROJECT_SOURCE_DIR}/third_party/npm/node_modules/@journeyapps/sqlcipher/deps/sqlcipher-amalgamation")
  if(NOT EXISTS "${amalgamation}/sqlite3.c")
    message(FATAL_ERROR "SQLCipher >= 4.5 is not on this system and the pinned amalgamation is missing. "
      "Run ./start --build-only (or: npm ci --ignore-scripts --prefix third_party/npm).")
  endif()
  foreach(pin
      "sqlite3.c=2ba87bbc92caf02c0ac640198c537c24bdda899a18bbba289f3d3f44d56795e4"
      "sqlite3.h=c7253bc5d2ba0fad5236fc10ed959f99374bdbc224c200250c9c4a90edf56023")
    string(REPLACE "=" ";" pin "${pin}")
    list(GET pin 0 file)
    list(GET pin 1 expected)
    file(SHA256 "${amalgamation}/${file}" actual)
    if(NOT actual STREQUAL expected)
      message(FATAL_ERROR "SQLCipher ${file} does not match its pinned SHA-256")
    endif()
  endforeach()
  message(STATUS "SQLCipher: pinned 4.14.0 amalgamation")
  add_library(egide_sqlcipher_c STATIC "${amalgamation}/sqlite3.c")
  target_include_directories(egide_sqlcipher_c SYSTEM PUBLIC "${amalgamation}")
  target_compile_definitions(egide_sqlcipher_c
    PUBLIC SQLITE_HAS_CODEC
    PRIVATE SQLCIPHER_CRYPTO_OPENSSL SQLITE_TEMP_STORE=2 SQLITE_THREADSAFE=2 HAVE_STDINT_H=1
      SQLITE_EXTRA_INIT=sqlcipher_extra_init SQLITE_EXTRA_SHUTDOWN=sqlcipher_extra_shutdown
      SQLITE_DQS=0 SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_SHARED_CACHE)
  target_compile_options(egide_sqlcipher_c PRIVATE -w -O2)
  set_target_properties(egide_sqlcipher_c PROPERTIES CXX_CLANG_TIDY "" C_CLANG_TIDY "")
  target_link_libraries(egide_sqlcipher_c PUBLIC OpenSSL::Crypto Threads::Threads m)
  target_link_libraries(egide_sqlcipher INTERFACE egide_sqlcipher_c)
endif()
