#include "commands/verify_receipt.h"

#include <nlohmann/json.hpp>

#include "egide/audit/receipt.h"
#include "egide/storage/files.h"
#include "output.h"

namespace egide::app {
namespace {

void report(const audit::VerifiedReceipt& receipt, bool json) {
  if (json) {
    nlohmann::json out;
    out["ok"] = true;
    out["trusted"] = receipt.trusted;
    out["receipt"] = receipt.id;
    out["consent"] = receipt.consent;
    out["purpose"] = receipt.purpose;
    out["status"] = receipt.status;
    out["state"] = receipt.state;
    out["at"] = receipt.at;
    out["issued_at"] = receipt.issued_at;
    out["log_index"] = receipt.log_index;
    out["key"] = receipt.key;
    out["origin"] = receipt.checkpoint.origin;
    out["size"] = receipt.checkpoint.size;
    print_json(out);
    return;
  }
  print_line("OK: the receipt, its notice and its entry in the log hold");
  print_line("    " + receipt.purpose + ": " + receipt.status + " at " + receipt.at + ", entry " +
             std::to_string(receipt.log_index) + " of " + receipt.checkpoint.origin);
  if (!receipt.trusted)
    print_line(
        "    The keys are the ones the receipt names for itself; give --vkey to check against the one you were "
        "handed.");
}

}  // namespace

base::Result<void> verify_receipt_file(const std::string& receipt, const std::string& signature,
                                       const std::string& vkey, bool json) {
  std::optional<audit::VerifierKey> key;
  if (!vkey.empty()) {
    EGIDE_TRY(key, audit::VerifierKey::parse(vkey));
  }
  EGIDE_TRY(const auto text, storage::read_file(receipt));
  if (!signature.empty()) {
    if (!key) return base::invalid_request("--signature needs --vkey, the receipt key of /.well-known/jwks.json");
    EGIDE_TRY(const auto detached, storage::read_file(signature));
    EGIDE_TRY_VOID(audit::verify_signed_document(text, detached, *key));
    if (json)
      print_json({{"ok", true}, {"trusted", true}, {"key", vkey}});
    else
      print_line("OK: the document is byte for byte what this key signed");
    return {};
  }
  EGIDE_TRY(const auto verified, audit::verify_receipt(text, key));
  report(verified, json);
  return {};
}

}  // namespace egide::app
