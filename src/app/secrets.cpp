#include "secrets.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "egide/crypto/random.h"
#include "egide/storage/files.h"

namespace egide::app {
namespace {

constexpr std::size_t kMinimumPassphrase = 12;

base::Result<crypto::SecretBytes> file_secret(const std::string& path, bool as_text) {
  auto content = storage::read_file(path, 4096);
  if (!content) return base::invalid_request("The secret's file can't be read: " + path);
  std::string text = std::move(*content);
  if (as_text) {
    const auto end = text.find_first_of("\r\n");
    if (end != std::string::npos) text.resize(end);
  }
  auto secret = crypto::SecretBytes::copy_of(base::as_bytes(text));
  crypto::wipe(text);
  return secret;
}

// Reads a line from the terminal with the echo off.
base::Result<crypto::SecretBytes> prompt(const char* question) {
  if (isatty(STDIN_FILENO) == 0)
    return base::Error(base::ErrorCode::Unauthenticated,
                       "No unseal secret: set EGIDE_PASSPHRASE_FILE (or EGIDE_KEY_FILE), or run on a terminal");
  std::fprintf(stderr, "%s", question);
  termios before{};
  tcgetattr(STDIN_FILENO, &before);
  termios quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  std::array<char, 1024> line{};
  const char* read = std::fgets(line.data(), static_cast<int>(line.size()), stdin);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fprintf(stderr, "\n");
  std::string text = read != nullptr ? std::string(read) : std::string();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto secret = crypto::SecretBytes::copy_of(base::as_bytes(text));
  crypto::wipe(text);
  crypto::wipe(std::as_writable_bytes(std::span<char>(line)));
  return secret;
}

base::Result<crypto::SecretBytes> long_enough(crypto::SecretBytes passphrase) {
  if (passphrase.size() < kMinimumPassphrase)
    return base::invalid_request("The passphrase needs 12 characters or more: take several words");
  return passphrase;
}

}  // namespace

base::Result<std::optional<crypto::SecretBytes>> secret_from_file_of(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr || *path == '\0') return std::optional<crypto::SecretBytes>();
  EGIDE_TRY(auto secret, file_secret(path, true));
  return std::optional<crypto::SecretBytes>(std::move(secret));
}

namespace {

// EGIDE_KEY_FILE; nothing when it is unset.
base::Result<std::optional<crypto::SecretBytes>> key_file_secret() {
  const char* path = std::getenv("EGIDE_KEY_FILE");
  if (path == nullptr || *path == '\0') return std::optional<crypto::SecretBytes>();
  EGIDE_TRY(auto secret, file_secret(path, false));
  if (secret.size() != 32) return base::invalid_request("A key file holds exactly 32 bytes (head -c 32 /dev/urandom)");
  return std::optional<crypto::SecretBytes>(std::move(secret));
}

// $CREDENTIALS_DIRECTORY/egide-root; nothing when there is none.
base::Result<std::optional<crypto::SecretBytes>> systemd_secret() {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials == nullptr || *credentials == '\0') return std::optional<crypto::SecretBytes>();
  const std::string path = std::string(credentials) + "/egide-root";
  if (!storage::file_exists(path)) return std::optional<crypto::SecretBytes>();
  EGIDE_TRY(auto secret, file_secret(path, false));
  if (secret.size() != 32) return base::invalid_request("The systemd credential egide-root holds exactly 32 bytes");
  return std::optional<crypto::SecretBytes>(std::move(secret));
}

}  // namespace

base::Result<std::vector<vault::UnsealSecret>> all_unseal_secrets() {
  std::vector<vault::UnsealSecret> out;
  EGIDE_TRY(auto key, key_file_secret());
  if (key) out.emplace_back().key_file = std::move(key);
  EGIDE_TRY(auto credential, systemd_secret());
  if (credential) out.emplace_back().systemd_credential = std::move(credential);
  EGIDE_TRY(auto passphrase, secret_from_file_of("EGIDE_PASSPHRASE_FILE"));
  if (passphrase) out.emplace_back().passphrase = std::move(passphrase);
  if (out.empty()) {
    EGIDE_TRY(auto asked, unseal_secret(false));
    out.push_back(std::move(asked));
  }
  return out;
}

base::Result<vault::UnsealSecret> unseal_secret(bool confirm) {
  vault::UnsealSecret out;
  EGIDE_TRY(out.key_file, key_file_secret());
  if (out.key_file) return out;
  EGIDE_TRY(out.systemd_credential, systemd_secret());
  if (out.systemd_credential) return out;
  EGIDE_TRY(auto from_file, secret_from_file_of("EGIDE_PASSPHRASE_FILE"));
  if (from_file) {
    if (confirm) {
      EGIDE_TRY(out.passphrase, long_enough(std::move(*from_file)));
    } else {
      out.passphrase.emplace(std::move(*from_file));
    }
    return out;
  }
  EGIDE_TRY(auto typed, prompt(confirm ? "New passphrase (12 characters or more): " : "Passphrase: "));
  if (confirm) {
    EGIDE_TRY(typed, long_enough(std::move(typed)));
    EGIDE_TRY(const auto again, prompt("The same again: "));
    if (!crypto::equal_constant_time(typed.expose_secret(), again.expose_secret()))
      return base::invalid_request("The two passphrases differ");
  }
  out.passphrase.emplace(std::move(typed));
  return out;
}

std::string new_passphrase() {
  // 7 groups of 4 from 31 unmistakable characters: 138 bits.
  static constexpr char kAlphabet[] = "abcdefghijkmnpqrstuvwxyz2345678";
  std::string out;
  const auto pick = [] {
    for (;;) {
      const auto byte = std::to_integer<unsigned>(crypto::random_array<1>()[0]);
      if (byte < 248) return kAlphabet[byte % 31];  // no character more likely than another
    }
  };
  for (int group = 0; group < 7; ++group) {
    if (group > 0) out += '-';
    for (int i = 0; i < 4; ++i) out += pick();
  }
  return out;
}

}  // namespace egide::app
