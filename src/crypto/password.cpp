#include "egide/crypto/password.h"

#include <sodium.h>

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "unsigned_char.h"

namespace egide::crypto {
namespace {

// Staff passwords: OWASP's floor for Argon2id.
constexpr unsigned long long kPasswordPasses = 2;
constexpr std::size_t kPasswordMemory = 19U << 20;

// libsodium declares its passphrase pointer never null; an empty view may have none.
const char* passphrase_bytes(std::string_view passphrase) { return passphrase.empty() ? "" : passphrase.data(); }

// At most two hashes at once, so that a burst of logins can't exhaust the memory. Waiters are served in no order.
class HashPlace {
 public:
  HashPlace() {
    std::unique_lock lock(mutex());
    freed().wait(lock, [] { return running() < kPlaces; });
    ++running();
  }
  ~HashPlace() {
    {
      const std::lock_guard lock(mutex());
      --running();
    }
    freed().notify_one();
  }
  HashPlace(const HashPlace&) = delete;
  HashPlace& operator=(const HashPlace&) = delete;

 private:
  static constexpr int kPlaces = 2;
  static std::mutex& mutex() {
    static std::mutex shared;
    return shared;
  }
  static std::condition_variable& freed() {
    static std::condition_variable shared;
    return shared;
  }
  static int& running() {
    static int count = 0;
    return count;
  }
};

// The number after `name` in a PHC string's parameters, or nothing.
std::optional<std::uint64_t> phc_number(std::string_view stored, std::string_view name) {
  const auto at = stored.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const char* const begin = stored.data() + at + name.size();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(begin, stored.data() + stored.size(), value);
  return error == std::errc() && end != begin ? std::optional(value) : std::nullopt;
}

// A stored string can ask for any cost; one that would hold the server is refused before it is tried.
bool is_affordable(std::string_view stored) {
  if (!stored.starts_with("$argon2id$") || stored.size() >= crypto_pwhash_STRBYTES) return false;
  const auto kibibytes = phc_number(stored, "$m=");
  const auto passes = phc_number(stored, ",t=");
  return kibibytes && passes && *kibibytes <= kMaxPassphraseMemory / 1024 && *passes <= kMaxPassphrasePasses;
}

}  // namespace

base::Result<void> check_parameters(const PassphraseParameters& parameters) {
  if (parameters.memory_bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN || parameters.memory_bytes > kMaxPassphraseMemory)
    return base::invalid_request("The memory of a passphrase slot must be between 8 KiB and 1 GiB");
  if (parameters.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || parameters.passes > kMaxPassphrasePasses)
    return base::invalid_request("The passes of a passphrase slot must be between 1 and 10");
  return {};
}

base::Result<SecretBytes> key_from_passphrase(std::string_view passphrase, const PassphraseParameters& parameters) {
  static_assert(std::tuple_size_v<decltype(parameters.salt)> == crypto_pwhash_argon2id_SALTBYTES);
  EGIDE_TRY_VOID(check_parameters(parameters));
  base::ByteArray<32> key;
  {
    const HashPlace place;
    if (crypto_pwhash_argon2id(uchars(key), key.size(), passphrase_bytes(passphrase), passphrase.size(),
                               uchars(parameters.salt), parameters.passes,
                               static_cast<std::size_t>(parameters.memory_bytes),
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
      return base::unavailable("There is not enough memory to compute the key of the passphrase");
  }
  auto secret = SecretBytes::copy_of(key);
  wipe(key);
  return secret;
}

base::Result<std::string> hash_password(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const HashPlace place;
  if (crypto_pwhash_argon2id_str(out.data(), passphrase_bytes(password), password.size(), kPasswordPasses,
                                 kPasswordMemory) != 0)
    return base::unavailable("There is not enough memory to hash the password");
  return std::string(out.data());
}

bool verify_password(const std::string& stored, std::string_view password) {
  if (!is_affordable(stored)) return false;
  const HashPlace place;
  return crypto_pwhash_argon2id_str_verify(stored.c_str(), passphrase_bytes(password), password.size()) == 0;
}

bool password_needs_rehash(const std::string& stored) {
  if (!is_affordable(stored)) return true;
  return crypto_pwhash_argon2id_str_needs_rehash(stored.c_str(), kPasswordPasses, kPasswordMemory) != 0;
}

}  // namespace egide::crypto
