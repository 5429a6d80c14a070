// The backup file (docs/formats/backup.md): a header in clear that says what opens it, then one sealed stream of a
// manifest and the files it names. Written and read in chunks; nothing of it is in clear on the disk.
//
// Thread safety: one thread at a time for an object.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/derived_keys.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/crypto/sealed_stream.h"
#include "egide/storage/file_stream.h"

namespace egide::vault {

struct BackupHeader {
  base::Uuid id;
  std::string created_at;          // RFC 3339
  std::string unseal, derivation;  // unseal.json and derivation.key, as they stood: both wrap, neither opens
};

struct BackupPart {
  std::string name;  // "vault.db", "log.key"
  std::uint64_t size = 0;
  base::Hash32 sha256{};
};

struct BackupManifest {
  std::string origin;
  std::string checkpoint;  // of the log as it is in the backup; empty log: none
  std::int64_t people = 0;
  std::optional<crypto::Epoch> oldest_epoch, newest_epoch;  // of the living: which epoch keys it takes to open them
  std::vector<BackupPart> parts;
};

class BackupWriter {
 public:
  static base::Result<BackupWriter> create(const std::string& path, const BackupHeader& header,
                                           const crypto::DerivedKeys& keys, const BackupManifest& manifest);
  // The parts' bytes, in the manifest's order.
  base::Result<void> write(base::ByteView bytes);
  base::Result<void> finish();

 private:
  BackupWriter(storage::NewFile file, crypto::StreamSealer sealer)
      : file_(std::move(file)), sealer_(std::move(sealer)) {}
  storage::NewFile file_;
  crypto::StreamSealer sealer_;
  base::Bytes pending_;
};

class BackupReader {
 public:
  // Reads the header. InvalidRequest: not a backup of this format.
  static base::Result<BackupReader> open(const std::string& path);
  const BackupHeader& header() const noexcept { return header_; }
  // Opens the stream and reads the manifest. Integrity: changed, cut off, or keys of another vault.
  base::Result<BackupManifest> unlock(const crypto::DerivedKeys& keys);
  // Bytes [0, size) of the next part, handed over chunk by chunk. Integrity when its hash is another.
  base::Result<void> read_part(const BackupPart& part, const std::function<base::Result<void>(base::ByteView)>& take);
  // After the last part: nothing may follow.
  base::Result<void> finish();

 private:
  explicit BackupReader(storage::FileReader file) : file_(std::move(file)) {}
  base::Result<void> fill();
  base::Result<std::string> take_exactly(std::size_t bytes);

  storage::FileReader file_;
  BackupHeader header_;
  std::string header_line_;
  std::optional<crypto::StreamOpener> opener_;
  base::Bytes chunk_;
  std::size_t used_ = 0;
  bool last_ = false;
};

}  // namespace egide::vault
