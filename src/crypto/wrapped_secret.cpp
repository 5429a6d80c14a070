#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/key_slots.h"
#include "egide/crypto/record.h"

namespace egide::crypto {
namespace {

constexpr std::int64_t kFormatVersion = 1;

base::Bytes ad_of(std::string_view purpose) {
  return enc({base::as_bytes("egide/wrapped/v1"), base::as_bytes(purpose)});
}

}  // namespace

std::string wrapped_secret_to_json(const SecretBytes& root, std::string_view purpose, const SecretBytes& secret) {
  base::Json document = base::Json::object();
  document["version"] = kFormatVersion;
  document["purpose"] = std::string(purpose);
  document["wrap"] = base::to_base64(wrap_key(root.expose_secret(), ad_of(purpose), secret.expose_secret()));
  return document.dump(2) + "\n";
}

base::Result<SecretBytes> wrapped_secret_from_json(const SecretBytes& root, std::string_view purpose,
                                                   std::string_view json_text) {
  EGIDE_TRY(const base::Json document, base::parse_json(json_text));
  base::ObjectReader in(document, "");
  in.required_integer("version", kFormatVersion, kFormatVersion);
  in.required_choice("purpose", {purpose});
  const auto wrap = base::from_base64(in.required_string("wrap"));
  if (!wrap) in.mistake("wrap", "must be base64");
  in.refuse_unknown();
  EGIDE_TRY_VOID(in.finish());
  return unwrap_secret(root.expose_secret(), ad_of(purpose), *wrap);
}

}  // namespace egide::crypto
