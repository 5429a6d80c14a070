#include "egide/audit/receipt.h"

#include <nlohmann/json.hpp>

#include "egide/audit/jws.h"
#include "egide/audit/leaf.h"
#include "egide/audit/proof_file.h"
#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "note_lines.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Json;
using base::Result;

constexpr std::string_view kNameEnd = "/receipts";
constexpr std::string_view kKeyLine = "receipt-key ";

std::string certificate_text(std::string_view origin, const crypto::PublicKey& key) {
  const std::string name = receipt_key_name(origin);
  return name + "\n" + std::string(kKeyLine) + VerifierKey::make(name, key).str() + "\n";
}

// The members of a receipt that verification uses.
struct Receipt {
  VerifiedReceipt summary;
  std::string log_vkey, certificate, entry, proof;
  std::string notice_text, notice_sha256;
};

Result<Receipt> read(const Json& json) {
  base::ObjectReader in(json, "");
  if (in.required_string("format") != kReceiptFormat) return integrity_violation("It is not a receipt of this format");
  Receipt out;
  out.summary.id = in.required_string("id");
  out.summary.issued_at = in.required_string("issued_at");
  constexpr base::TextRule kLong{1, 65536};
  if (const Json* consent = in.required_object("consent")) {
    base::ObjectReader one(*consent, "/consent");
    out.summary.consent = one.required_string("id");
    out.summary.purpose = one.required_string("purpose");
    out.summary.status = one.required_string("status");
    out.summary.state = one.required_string("state");
    out.summary.at = one.required_string("at");
    in.take(one);
  }
  if (const Json* notice = in.required_object("notice")) {
    base::ObjectReader one(*notice, "/notice");
    out.notice_sha256 = one.required_string("sha256");
    out.notice_text = one.required_string("text", kLong);
    in.take(one);
  }
  if (const Json* log = in.required_object("log")) {
    base::ObjectReader one(*log, "/log");
    out.summary.log_index = static_cast<std::uint64_t>(one.required_integer("index", 0, INT64_MAX));
    out.log_vkey = one.required_string("vkey");
    out.entry = one.required_string("entry", kLong);
    out.proof = one.required_string("proof", kLong);
    in.take(one);
  }
  if (const Json* key = in.required_object("key")) {
    base::ObjectReader one(*key, "/key");
    out.summary.key = one.required_string("vkey");
    out.certificate = one.required_string("certificate", kLong);
    in.take(one);
  }
  if (const auto complete = in.finish(); !complete)
    return integrity_violation("The receipt lacks " + in.mistakes().front().pointer + ", or has it in another form");
  return out;
}

// What is signed, out of either form of file; and the readable copy beside it, where there is one.
struct File {
  std::string jws;
  std::optional<Json> copy;
};

Result<File> read_file_text(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  File out;
  if (text.empty()) return base::invalid_request("The file is empty");
  if (text.front() != '{') {
    out.jws = text;
    return out;
  }
  const auto json = base::parse_json(text);
  if (!json) return integrity_violation("The file is no JSON document that has one meaning only");
  const auto jws = json->find("jws");
  const auto receipt = json->find("receipt");
  if (jws == json->end() || !jws->is_string() || receipt == json->end() || json->size() != 2)
    return base::invalid_request(
        "The file is no egide receipt: it takes the members receipt and jws, or a compact JWS. Another document needs "
        "--signature");
  out.jws = jws->get<std::string>();
  out.copy = *receipt;
  return out;
}

// The entry is of this consent: the same purpose, and an event of the same kind.
Result<void> compare_with_entry(const Receipt& receipt) {
  ParsedLeaf leaf;
  EGIDE_TRY_VOID(parse_leaf(receipt.entry, leaf));
  if (leaf.leaf.index != receipt.summary.log_index)
    return integrity_violation("The receipt names another place in the log than its entry");
  if (leaf.leaf.purpose != receipt.summary.purpose)
    return integrity_violation("The log's entry is about another purpose than the receipt");
  if (leaf.leaf.event.rfind("consent.", 0) != 0) return integrity_violation("The log's entry is not about a consent");
  const std::string& status = receipt.summary.status;
  if ((status == "given" || status == "refused" || status == "withdrawn") && leaf.leaf.event != "consent." + status)
    return integrity_violation("The log's entry says something else than " + status);
  return {};
}

}  // namespace

std::string receipt_key_name(std::string_view origin) { return std::string(origin).append(kNameEnd); }

std::string certify_receipt_key(std::string_view origin, const crypto::PublicKey& receipt_key,
                                const crypto::SigningKey& log_key) {
  const std::string text = certificate_text(origin, receipt_key);
  std::string note = text + "\n";
  append_signature_line(note, origin, key_id(origin, kEd25519Type, log_key.public_key()),
                        log_key.sign(base::as_bytes(text)));
  return note;
}

Result<VerifierKey> open_receipt_certificate(std::string_view note, const VerifierKey& log_key) {
  EGIDE_TRY(const auto parts, split_note(note));
  const std::string begin = receipt_key_name(log_key.name) + "\n" + std::string(kKeyLine);
  if (parts.text.substr(0, begin.size()) != begin || parts.text.back() != '\n')
    return integrity_violation("The receipt's key is vouched for by another log, or in another form");
  auto key = VerifierKey::parse(parts.text.substr(begin.size(), parts.text.size() - begin.size() - 1));
  if (!key || key->name != receipt_key_name(log_key.name))
    return integrity_violation("The log's key vouches for something that is no receipt key");
  for (const auto& line : parts.signatures)
    if (line.name == log_key.name && line.id == log_key.id &&
        crypto::verify_signature(log_key.key, base::as_bytes(parts.text), line.payload))
      return std::move(*key);
  return integrity_violation("The log's key does not vouch for the key that signed the receipt");
}

Result<VerifiedReceipt> verify_receipt(std::string_view text, const std::optional<VerifierKey>& given) {
  EGIDE_TRY(const File file, read_file_text(text));
  EGIDE_TRY(const std::string claimed, read_unverified_jws(file.jws));
  const auto json = base::parse_json(claimed);
  if (!json) return integrity_violation("The signed document is no JSON document that has one meaning only");
  EGIDE_TRY(Receipt receipt, read(*json));

  // Which keys count: the caller's, and what the caller's key vouches for.
  const bool given_signs = given && given->name.ends_with(kNameEnd);
  const auto log_key = given && !given_signs ? Result<VerifierKey>(*given) : VerifierKey::parse(receipt.log_vkey);
  if (!log_key) return integrity_violation("The receipt names a log key that is none");
  EGIDE_TRY(const VerifierKey vouched, open_receipt_certificate(receipt.certificate, *log_key));
  const VerifierKey& signs = given_signs ? *given : vouched;
  EGIDE_TRY([[maybe_unused]] const auto payload, open_jws(file.jws, kReceiptType, signs.key));
  if (signs.str() != receipt.summary.key || vouched.str() != receipt.summary.key || log_key->str() != receipt.log_vkey)
    return integrity_violation("The receipt names other keys than those that signed it");
  if (file.copy && *file.copy != *json) return integrity_violation("The readable copy differs from what was signed");

  if (base::to_hex(crypto::sha256(base::as_bytes(receipt.notice_text))) != receipt.notice_sha256)
    return integrity_violation("The notice's text does not belong to its hash");
  EGIDE_TRY(const auto proof, InclusionProof::parse(receipt.proof));
  if (proof.index != receipt.summary.log_index)
    return integrity_violation("The proof is of another entry than the receipt names");
  EGIDE_TRY(receipt.summary.checkpoint, verify_proof_file(receipt.proof, base::as_bytes(receipt.entry), *log_key));
  EGIDE_TRY_VOID(compare_with_entry(receipt));
  receipt.summary.trusted = given.has_value();
  return std::move(receipt.summary);
}

Result<void> verify_signed_document(std::string_view document, std::string_view detached, const VerifierKey& given) {
  while (!detached.empty() && (detached.back() == '\n' || detached.back() == '\r')) detached.remove_suffix(1);
  if (!given.name.ends_with(kNameEnd))
    return base::invalid_request("A detached signature is checked with the receipt key (its name ends in /receipts)");
  return verify_detached_jws(detached, document, kReceiptType, given.key);
}

}  // namespace egide::audit
