#include "egide/crypto/epoch_keys.h"

#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>

#include "egide/base/check.h"
#include "egide/base/json.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/record.h"

namespace egide::crypto {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::int64_t kFormatVersion = 1;
// More than three years of days; the arena would be full long before a file of a million keys.
constexpr std::size_t kMostKeys = 1200;

base::Bytes ad_of_epoch(Epoch epoch) {
  const std::string text = std::to_string(epoch);
  return enc({base::as_bytes("egide/epoch/v1"), base::as_bytes(text)});
}

base::Bytes ad_of_subject(std::string_view label, const base::SubjectId& subject, Epoch epoch, int version) {
  const std::string subject_text = subject.str();
  const std::string epoch_text = std::to_string(epoch);
  const std::string version_text = std::to_string(version);
  return enc(
      {base::as_bytes(label), base::as_bytes(subject_text), base::as_bytes(epoch_text), base::as_bytes(version_text)});
}

constexpr std::string_view kDek = "egide/dek/v1";
constexpr std::string_view kKaudit = "egide/kaudit/v1";

struct ReadKey {
  Epoch epoch = 0;
  base::Bytes wrap;
};

ReadKey read_key(ObjectReader& in) {
  ReadKey out;
  out.epoch = static_cast<Epoch>(in.required_integer("epoch", 0, std::numeric_limits<Epoch>::max()));
  auto wrap = base::from_base64(in.required_string("wrap"));
  if (!wrap) in.mistake("wrap", "must be base64");
  out.wrap = std::move(wrap).value_or(base::Bytes());
  in.refuse_unknown();
  return out;
}

base::Result<std::vector<ReadKey>> read_keys(std::string_view json_text) {
  EGIDE_TRY(const Json document, base::parse_json(json_text));
  ObjectReader in(document, "");
  in.required_integer("version", kFormatVersion, kFormatVersion);
  std::vector<ReadKey> out;
  if (const Json* const list = in.required_array("keys", kMostKeys); list != nullptr) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      ObjectReader key_in((*list)[i], "/keys/" + std::to_string(i));
      ReadKey key = read_key(key_in);
      if (!out.empty() && key.epoch <= out.back().epoch) key_in.mistake("epoch", "must be later than the one before");
      out.push_back(std::move(key));
      in.take(key_in);
    }
  }
  in.refuse_unknown();
  EGIDE_TRY_VOID(in.finish());
  return out;
}

base::Error gone() {
  return base::Error(base::ErrorCode::Gone, "The key of that day was destroyed: what it protected is erased");
}

base::Result<SecretKey> unwrap(const EpochKeys& keys, std::string_view label, const base::SubjectId& subject,
                               const WrappedSubjectKeys& wrapped, base::ByteView record) {
  const auto held = keys.hold();
  const SecretBytes* const epoch_key = keys.find(wrapped.epoch);
  if (epoch_key == nullptr) {
    // Keys die oldest first. A missing key that is not older than the rest was lost, and "erased" would be untrue.
    if (keys.is_older_than_all(wrapped.epoch)) return gone();
    return base::integrity_violation("The key file lacks the key of a day that was not destroyed");
  }
  return unwrap_key(epoch_key->expose_secret(), ad_of_subject(label, subject, wrapped.epoch, wrapped.version), record);
}

}  // namespace

base::Result<EpochKeys> EpochKeys::parse(const SecretBytes& root, std::string_view json_text) {
  EGIDE_TRY(const auto read, read_keys(json_text));
  EpochKeys out;
  for (const ReadKey& key : read) {
    EGIDE_TRY(auto secret, unwrap_secret(root.expose_secret(), ad_of_epoch(key.epoch), key.wrap));
    out.keys_.emplace(key.epoch, std::move(secret));
  }
  return out;
}

std::string EpochKeys::to_json(const SecretBytes& root) const {
  const auto held = hold();
  Json list = Json::array();
  for (const auto& [epoch, key] : keys_) {
    Json item = Json::object();
    item["epoch"] = epoch;
    item["wrap"] = base::to_base64(wrap_key(root.expose_secret(), ad_of_epoch(epoch), key.expose_secret()));
    list.push_back(std::move(item));
  }
  Json document = Json::object();
  document["version"] = kFormatVersion;
  document["keys"] = std::move(list);
  return document.dump(2) + "\n";
}

base::Result<void> EpochKeys::add(Epoch epoch) {
  if (keys_.contains(epoch)) return base::conflict("That day has an epoch key already");
  EGIDE_TRY(auto key, SecretBytes::random(SecretKey::kSize));
  keys_.emplace(epoch, std::move(key));
  return {};
}

void EpochKeys::destroy_before(Epoch oldest_kept) { keys_.erase(keys_.begin(), keys_.lower_bound(oldest_kept)); }

base::Result<EpochKeys> EpochKeys::copy() const {
  const auto held = hold();
  EpochKeys out;
  for (const auto& [epoch, key] : keys_) {
    EGIDE_TRY(auto same, SecretBytes::copy_of(key.expose_secret()));
    out.keys_.emplace(epoch, std::move(same));
  }
  return out;
}

void EpochKeys::take(EpochKeys&& next) {
  std::map<Epoch, SecretBytes> before;  // wiped on the way out
  const std::unique_lock lock(*mutex_);
  before.swap(keys_);
  keys_.swap(next.keys_);
}

std::size_t EpochKeys::size() const {
  const auto held = hold();
  return keys_.size();
}

base::Result<Epoch> EpochKeys::current() const {
  const auto held = hold();
  if (keys_.empty()) return base::not_found("There is no epoch key");
  return keys_.rbegin()->first;
}

base::Result<Epoch> EpochKeys::oldest() const {
  const auto held = hold();
  if (keys_.empty()) return base::not_found("There is no epoch key");
  return keys_.begin()->first;
}

bool EpochKeys::is_older_than_all(Epoch epoch) const noexcept { return keys_.empty() || epoch < keys_.begin()->first; }

const SecretBytes* EpochKeys::find(Epoch epoch) const noexcept {
  const auto found = keys_.find(epoch);
  return found == keys_.end() ? nullptr : &found->second;
}

base::Result<Epoch> newest_epoch_of_file(std::string_view json_text) {
  EGIDE_TRY(const auto read, read_keys(json_text));
  if (read.empty()) return base::not_found("There is no epoch key");
  return read.back().epoch;
}

WrappedSubjectKeys wrap_subject_keys(const EpochKeys& keys, Epoch epoch, const base::SubjectId& subject,
                                     const SecretKey& dek, const SecretKey& kaudit, int version) {
  const auto held = keys.hold();
  const SecretBytes* const epoch_key = keys.find(epoch);
  EGIDE_CHECK(epoch_key != nullptr);
  const auto wrap = [&](std::string_view label, const SecretKey& key) {
    return wrap_key(epoch_key->expose_secret(), ad_of_subject(label, subject, epoch, version), key.expose_secret());
  };
  return {epoch, version, wrap(kDek, dek), wrap(kKaudit, kaudit)};
}

base::Result<SecretKey> unwrap_dek(const EpochKeys& keys, const base::SubjectId& subject,
                                   const WrappedSubjectKeys& wrapped) {
  return unwrap(keys, kDek, subject, wrapped, wrapped.dek);
}

base::Result<SecretKey> unwrap_kaudit(const EpochKeys& keys, const base::SubjectId& subject,
                                      const WrappedSubjectKeys& wrapped) {
  return unwrap(keys, kKaudit, subject, wrapped, wrapped.kaudit);
}

}  // namespace egide::crypto
