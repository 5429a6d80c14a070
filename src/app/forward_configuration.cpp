#include "forward_configuration.h"

#include <nlohmann/json.hpp>

#include "egide/storage/files.h"

namespace egide::app {
namespace {

constexpr std::size_t kMaxKeyFile = 4096;

// The file's bytes without the line end that editors leave.
base::Result<std::shared_ptr<const crypto::SecretBytes>> read_secret(const std::filesystem::path& path) {
  EGIDE_TRY(auto content, storage::read_file(path.string(), kMaxKeyFile));
  std::string_view text = content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  auto secret = crypto::SecretBytes::copy_of(base::as_bytes(text));
  crypto::wipe(content);
  if (!secret) return secret.error();
  return std::make_shared<const crypto::SecretBytes>(std::move(secret).value());
}

void read_jwt_key(base::ObjectReader& in, const std::filesystem::path& folder, api::ForwardJwt& out) {
  const auto algorithm = in.required_choice("algorithm", {"HS256", "EdDSA"});
  const auto file = in.optional_string("key_file");
  const auto key = in.optional_string("public_key");
  if (algorithm == "HS256") {
    out.algorithm = api::JwtAlgorithm::HS256;
    if (key) in.mistake("public_key", "goes with EdDSA only");
    if (!file) {
      in.mistake("key_file", "is required: the file that holds the secret");
      return;
    }
    auto secret = read_secret(folder / *file);
    if (!secret)
      in.mistake("key_file", "can't be read");
    else if (secret.value()->size() < 32)
      in.mistake("key_file", "must hold a secret of at least 32 bytes");
    else
      out.secret = std::move(secret).value();
  } else if (algorithm == "EdDSA") {
    out.algorithm = api::JwtAlgorithm::EdDSA;
    if (file) in.mistake("key_file", "goes with HS256 only");
    const auto bytes = key ? base::from_base64url(*key) : std::nullopt;
    const auto array = bytes ? base::to_array<32>(*bytes) : std::nullopt;
    if (array)
      out.public_key = *array;
    else
      in.mistake("public_key", "must be an Ed25519 key: 32 bytes in base64url, as a JWK's x");
  }
}

void read_jwt(const base::Json& value, base::ObjectReader& in, const std::filesystem::path& folder,
              api::ForwardJwt& out) {
  base::ObjectReader jwt(value, in.pointer_to("jwt"));
  out.header = jwt.required_string("header");
  out.claim = jwt.optional_string("claim").value_or("sub");
  out.issuer = jwt.optional_string("issuer").value_or("");
  out.audience = jwt.optional_string("audience").value_or("");
  read_jwt_key(jwt, folder, out);
  jwt.refuse_unknown();
  in.take(jwt);
}

void read_person(base::ObjectReader& in, const std::filesystem::path& folder, api::ForwardPerson& out) {
  const base::Json* value = in.required_object("person");
  if (value == nullptr) return;
  base::ObjectReader person(*value, in.pointer_to("person"));
  const auto header = person.optional_string("header");
  const auto path = person.optional_string("path");
  const base::Json* jwt = person.optional_object("jwt");
  if ((header ? 1 : 0) + (path ? 1 : 0) + (jwt != nullptr ? 1 : 0) != 1) {
    in.mistake("person", "must have one of header, path, jwt");
  } else if (header) {
    out.source = api::ForwardPerson::Source::Header;
    out.header = *header;
  } else if (path) {
    out.source = api::ForwardPerson::Source::Path;
    out.pattern = *path;
  } else {
    out.source = api::ForwardPerson::Source::Jwt;
    read_jwt(*jwt, person, folder, out.jwt);
  }
  person.refuse_unknown();
  in.take(person);
}

api::ForwardProfile read_profile(const std::string& name, const base::Json& value, base::ObjectReader& in,
                                 const std::filesystem::path& folder) {
  api::ForwardProfile out;
  base::ObjectReader profile(value, in.pointer_to(name));
  out.name = name;
  out.tool = profile.required_string("tool");
  out.purpose = profile.required_string("purpose");
  out.categories = profile.optional_strings("categories").value_or(std::vector<std::string>());
  out.handles = profile.optional_strings("handles").value_or(std::vector<std::string>());
  read_person(profile, folder, out.person);
  profile.refuse_unknown();
  in.take(profile);
  return out;
}

}  // namespace

void read_forward(base::ObjectReader& in, const std::filesystem::path& folder, api::ForwardOptions& out) {
  const base::Json* value = in.optional_object("forward");
  if (value == nullptr) return;
  base::ObjectReader forward(*value, in.pointer_to("forward"));
  if (auto proxies = forward.optional_strings("trusted_proxies")) out.trusted_proxies = std::move(*proxies);
  if (const base::Json* profiles = forward.required_object("profiles")) {
    base::ObjectReader all(*profiles, forward.pointer_to("profiles"));
    for (const auto& [name, profile] : profiles->get_ref<const base::Json::object_t&>())
      out.profiles.push_back(read_profile(name, profile, all, folder));
    forward.take(all);
  }
  forward.refuse_unknown();
  in.take(forward);
}

}  // namespace egide::app
