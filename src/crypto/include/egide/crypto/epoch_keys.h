// Epoch keys (DIR/epoch.keys): one key-encryption key a day, wrapped by the root key, kept in a file of its own
// outside the database and outside every backup. A person's keys are wrapped under the current epoch's; when an
// epoch key is destroyed, every older wrap, in any backup, is dead (docs/cryptography.md, "Erasure that survives
// backups").
//
// This is the format and the arithmetic alone; files belong to src/storage. Format: docs/formats/epoch-keys.md.
// Thread safety: wrapping and unwrapping may run in many threads while take() changes the keys; nothing else may race a
// change, and a pointer from find() is not to be kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

using Epoch = std::int32_t;  // days since 1970-01-01 UTC

class EpochKeys {
 public:
  // InvalidRequest when the file is not in the format; Integrity when a key does not open under the root key.
  static base::Result<EpochKeys> parse(const SecretBytes& root, std::string_view json_text);
  std::string to_json(const SecretBytes& root) const;

  base::Result<void> add(Epoch epoch);  // a new random key; Conflict when the epoch has one
  // Final. Wrap every living key under the current epoch before: what is still under an older one is lost.
  void destroy_before(Epoch oldest_kept);
  // The same keys again, to be changed and written to the file before take() puts them into force.
  base::Result<EpochKeys> copy() const;
  // Goes over to `next`, and wipes the keys that are not in it. Waits for the wraps under way.
  void take(EpochKeys&& next);
  base::Result<Epoch> current() const;                  // the newest; NotFound when empty
  base::Result<Epoch> oldest() const;                   // NotFound when empty
  const SecretBytes* find(Epoch epoch) const noexcept;  // nullptr when there is none; not locked, see hold()
  bool is_older_than_all(Epoch epoch) const noexcept;   // likewise; true when empty
  std::size_t size() const;

  // Keeps take() waiting for as long as it lives: the keys stand still. Not to be nested.
  std::shared_lock<std::shared_mutex> hold() const { return std::shared_lock(*mutex_); }

 private:
  std::map<Epoch, SecretBytes> keys_;
  std::unique_ptr<std::shared_mutex> mutex_ = std::make_unique<std::shared_mutex>();
};

// The newest day that a file has a key for, without opening any: NotFound when it is empty, InvalidRequest.
base::Result<Epoch> newest_epoch_of_file(std::string_view json_text);

// A person's two keys, wrapped under one epoch key.
struct WrappedSubjectKeys {
  Epoch epoch = 0;
  int version = 1;
  base::Bytes dek;     // AD enc("egide/dek/v1", subject, epoch, version)
  base::Bytes kaudit;  // AD enc("egide/kaudit/v1", subject, epoch, version)
};
// The epoch must have a key.
WrappedSubjectKeys wrap_subject_keys(const EpochKeys& keys, Epoch epoch, const base::SubjectId& subject,
                                     const SecretKey& dek, const SecretKey& kaudit, int version = 1);
// Integrity when the wrap does not open, or when its epoch's key is missing and yet not older than those present (a
// lost key is not an erasure); Gone when the epoch key was destroyed.
base::Result<SecretKey> unwrap_dek(const EpochKeys& keys, const base::SubjectId& subject,
                                   const WrappedSubjectKeys& wrapped);
base::Result<SecretKey> unwrap_kaudit(const EpochKeys& keys, const base::SubjectId& subject,
                                      const WrappedSubjectKeys& wrapped);

}  // namespace egide::crypto
