#include "fault_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace egide::faults {
namespace {

constexpr std::uint64_t kSector = 512;

void put(std::string& content, const Pending& change) {
  if (change.truncates) {
    content.resize(change.offset);
    return;
  }
  const std::uint64_t end = change.offset + change.bytes.size();
  if (content.size() < end) content.resize(end);
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

// Each sector of the write by itself: on the plates, or not.
void put_torn(std::string& content, const Pending& change, Random& random) {
  if (change.truncates) {
    if (random() % 2 == 0) put(content, change);
    return;
  }
  std::uint64_t begin = 0;
  while (begin < change.bytes.size()) {
    const std::uint64_t to_border = kSector - (change.offset + begin) % kSector;
    const std::uint64_t size = std::min<std::uint64_t>(to_border, change.bytes.size() - begin);
    if (random() % 2 == 0) put(content, {false, change.offset + begin, change.bytes.substr(begin, size)});
    begin += size;
  }
}

std::string surviving(const FaultDisk::File& file, Survival survival, Random& random) {
  std::string content = file.durable;
  switch (survival) {
    case Survival::Nothing:
      break;
    case Survival::Everything:
      for (const auto& change : file.pending) put(content, change);
      break;
    case Survival::PrefixAndTornWrite: {
      const std::size_t whole = file.pending.empty() ? 0 : random() % file.pending.size();
      for (std::size_t i = 0; i < whole; ++i) put(content, file.pending[i]);
      if (whole < file.pending.size()) put_torn(content, file.pending[whole], random);
      break;
    }
    case Survival::RandomSectors:
      for (const auto& change : file.pending) put_torn(content, change, random);
      break;
  }
  return content;
}

void flip_bit(char* bytes, std::uint64_t size, Random& random) {
  const std::uint64_t bit = random() % (size * 8);
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
}

}  // namespace

FaultDisk::FaultDisk(const FaultDisk& other) {
  const std::lock_guard lock(other.mutex_);
  for (const auto& [name, file] : other.names_) {
    auto copy = std::make_shared<File>();
    copy->name = name;
    copy->content = copy->durable = file->content;
    names_[name] = copy;
  }
  durable_names_ = names_;
}

void FaultDisk::plan(const Fault& fault, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  random_.seed(seed);
  count_ = 0;
  struck_ = dead_ = false;
}

std::uint64_t FaultDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool FaultDisk::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

FaultDisk::Verdict FaultDisk::next(Operation operation) {
  if (dead_) return Verdict::Dead;
  if ((fault_.kinds & static_cast<unsigned>(operation)) == 0) return Verdict::Go;
  ++count_;
  if (fault_.at == 0 || count_ < fault_.at) return Verdict::Go;
  if (count_ > fault_.at) return fault_.effect == Effect::ErrorsFromNowOn ? Verdict::Fail : Verdict::Go;
  struck_ = true;
  switch (fault_.effect) {
    case Effect::Error:
    case Effect::ErrorsFromNowOn:
      return Verdict::Fail;
    case Effect::PowerCut:
      dead_ = true;
      return Verdict::FailAndDie;
    case Effect::FlippedBit:
      return Verdict::Flip;
  }
  return Verdict::Go;
}

void FaultDisk::sync_directory() { durable_names_ = names_; }

std::unique_ptr<FaultDisk> FaultDisk::after_power_cut(Survival survival, Random& random) const {
  const std::lock_guard lock(mutex_);
  auto disk = std::make_unique<FaultDisk>();
  Names everywhere = durable_names_;
  everywhere.insert(names_.begin(), names_.end());
  for (const auto& [name, unused] : everywhere) {
    const auto seen = names_.find(name);
    const auto kept = durable_names_.find(name);
    const auto now = seen == names_.end() ? nullptr : seen->second;
    const auto before = kept == durable_names_.end() ? nullptr : kept->second;
    // The directory was not synced: the name is as it was, or as it became.
    bool as_it_was = now != before && random() % 2 == 0;
    if (now != before && survival == Survival::Nothing) as_it_was = true;
    if (now != before && survival == Survival::Everything) as_it_was = false;
    const auto& file = as_it_was ? before : now;
    if (file == nullptr) continue;
    auto copy = std::make_shared<File>();
    copy->name = name;
    copy->content = copy->durable = surviving(*file, survival, random);
    disk->names_[name] = copy;
  }
  disk->durable_names_ = disk->names_;
  return disk;
}

bool FaultDisk::flip_stored_bit(Random& random) {
  const std::lock_guard lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [name, file] : names_) total += file->content.size();
  if (total == 0) return false;
  std::uint64_t place = random() % total;
  for (const auto& [name, file] : names_) {
    if (place >= file->content.size()) {
      place -= file->content.size();
      continue;
    }
    flip_bit(file->content.data() + place, 1, random);
    file->durable = file->content;
    return true;
  }
  return false;
}

std::string FaultDisk::fingerprint() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const auto& [name, file] : names_) {
    all += name;
    all += ':';
    all += std::to_string(std::hash<std::string>{}(file->content));
    all += ';';
  }
  return all;
}

std::shared_ptr<FaultDisk::File> FaultDisk::open(const std::string& name, bool create, int& result) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  if (next(Operation::Open) != Verdict::Go) {
    result = SQLITE_CANTOPEN;
    return nullptr;
  }
  result = SQLITE_OK;
  if (found != names_.end()) return found->second;
  if (!create) {
    result = SQLITE_CANTOPEN;
    return nullptr;
  }
  auto file = std::make_shared<File>();
  file->name = name;
  file->syncs_directory = true;
  names_[name] = file;
  return file;
}

int FaultDisk::read(File& file, void* out, std::uint64_t size, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = next(Operation::Read);
  if (verdict != Verdict::Go && verdict != Verdict::Flip) return SQLITE_IOERR_READ;
  const std::uint64_t there = offset < file.content.size() ? std::min(size, file.content.size() - offset) : 0;
  std::memset(out, 0, size);
  std::memcpy(out, file.content.data() + std::min<std::uint64_t>(offset, file.content.size()), there);
  if (verdict == Verdict::Flip && there > 0) flip_bit(static_cast<char*>(out), there, random_);
  return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int FaultDisk::write(File& file, const void* bytes, std::uint64_t size, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = next(Operation::Write);
  if (verdict == Verdict::Dead) return SQLITE_IOERR_WRITE;
  Pending change{false, offset, std::string(static_cast<const char*>(bytes), size)};
  if (verdict == Verdict::Flip) flip_bit(change.bytes.data(), size, random_);
  if (verdict == Verdict::Fail) change.bytes.resize(random_() % size);  // a full disk takes a part
  put(file.content, change);
  file.pending.push_back(std::move(change));
  if (verdict == Verdict::Fail) return random_() % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  return verdict == Verdict::FailAndDie ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int FaultDisk::truncate(File& file, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = next(Operation::Truncate);
  if (verdict == Verdict::Dead || verdict == Verdict::Fail) return SQLITE_IOERR_TRUNCATE;
  Pending change{true, size, {}};
  put(file.content, change);
  file.pending.push_back(std::move(change));
  return verdict == Verdict::FailAndDie ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

int FaultDisk::sync(File& file) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = next(Operation::Sync);
  if (verdict == Verdict::Dead || verdict == Verdict::FailAndDie) return SQLITE_IOERR_FSYNC;
  if (verdict == Verdict::Fail) {
    file.pending.clear();  // marked clean by the kernel: no later sync writes them
    return SQLITE_IOERR_FSYNC;
  }
  for (const auto& change : file.pending) put(file.durable, change);
  file.pending.clear();
  if (file.syncs_directory) sync_directory();
  file.syncs_directory = false;
  return SQLITE_OK;
}

int FaultDisk::size(File& file, std::uint64_t& out) {
  const std::lock_guard lock(mutex_);
  if (dead_) return SQLITE_IOERR_FSTAT;
  out = file.content.size();
  return SQLITE_OK;
}

int FaultDisk::remove(const std::string& name, bool sync) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = next(Operation::Delete);
  if (verdict == Verdict::Dead || verdict == Verdict::Fail) return SQLITE_IOERR_DELETE;
  if (names_.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
  if (verdict == Verdict::FailAndDie) return SQLITE_IOERR_DELETE;
  if (sync) sync_directory();
  return SQLITE_OK;
}

bool FaultDisk::exists(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return names_.count(name) != 0;
}

}  // namespace egide::faults
