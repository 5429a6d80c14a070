#include "fault_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <new>

namespace egide::faults {
namespace {

std::atomic<FaultDisk*> current{nullptr};

// What SQLite allocates for an open file; begins with its own part.
struct OpenFile {
  sqlite3_file base;
  FaultDisk* disk;
  std::shared_ptr<FaultDisk::File> file;
  bool maps_shared_memory;
};
OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int close_file(sqlite3_file* file) {
  of(file).file.~shared_ptr();
  return SQLITE_OK;
}
int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  return of(file).disk->read(*of(file).file, out, static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(offset));
}
int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return of(file).disk->write(*of(file).file, bytes, static_cast<std::uint64_t>(size),
                              static_cast<std::uint64_t>(offset));
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return of(file).disk->truncate(*of(file).file, static_cast<std::uint64_t>(size));
}
int sync_file(sqlite3_file* file, int) { return of(file).disk->sync(*of(file).file); }
int file_size(sqlite3_file* file, sqlite3_int64* out) {
  std::uint64_t size = 0;
  const int result = of(file).disk->size(*of(file).file, size);
  *out = static_cast<sqlite3_int64>(size);
  return result;
}
// One connection at a time is open in these tests: every lock is free.
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* out) { return *out = 0, SQLITE_OK; }
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared_memory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& shared = *of(file).file;
  if (!of(file).maps_shared_memory) ++shared.shared_memory_users;
  of(file).maps_shared_memory = true;
  *out = nullptr;
  const auto wanted = static_cast<std::size_t>(region) + 1;
  if (shared.shared_memory.size() < wanted && extend == 0) return SQLITE_OK;
  while (shared.shared_memory.size() < wanted)
    shared.shared_memory.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  *out = shared.shared_memory[wanted - 1].get();
  return SQLITE_OK;
}
int lock_shared_memory(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void shared_memory_barrier(sqlite3_file*) {
  static std::atomic<unsigned> passed{0};  // the thread sanitizer does not know fences
  passed.fetch_add(1, std::memory_order_seq_cst);
}
int unmap_shared_memory(sqlite3_file* file, int) {
  if (!of(file).maps_shared_memory) return SQLITE_OK;
  of(file).maps_shared_memory = false;
  auto& shared = *of(file).file;
  if (--shared.shared_memory_users == 0) shared.shared_memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     lock_file,
                                     check_reserved_lock,
                                     file_control,
                                     sector_size,
                                     characteristics,
                                     map_shared_memory,
                                     lock_shared_memory,
                                     shared_memory_barrier,
                                     unmap_shared_memory,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  out->pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // no temporary file is ever written: temp_store is memory
  const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
  FaultDisk* disk = current.load();
  int result = SQLITE_OK;
  auto file = disk->open(name, create, result);
  if (file == nullptr) return result;
  of(out).disk = disk;
  of(out).maps_shared_memory = false;
  new (&of(out).file) std::shared_ptr<FaultDisk::File>(std::move(file));
  out->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}
int remove_file(sqlite3_vfs*, const char* name, int sync) { return current.load()->remove(name, sync != 0); }
int access_file(sqlite3_vfs*, const char* name, int, int* out) {
  *out = current.load()->exists(name) ? 1 : 0;
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  std::snprintf(out, static_cast<std::size_t>(size), "%s", name);
  return SQLITE_OK;
}

bool register_vfs() {
  static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);  // time, sleep and random numbers are the platform's
  vfs.szOsFile = static_cast<int>(sizeof(OpenFile));
  vfs.pNext = nullptr;
  vfs.zName = kFaultVfs;
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

}  // namespace

void use_disk(FaultDisk& disk) {
  static const bool registered = register_vfs();
  if (!registered) std::abort();
  current = &disk;
}

}  // namespace egide::faults
