#include "access_package.h"

#include <algorithm>

#include "access_package_blocks.h"
#include "access_package_copy.h"
#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "request_record.h"
#include "sealing.h"

namespace egide::vault {
namespace {

// Computed by a tool, not provided by the person (Art. 20 covers the latter only).
constexpr const char* kDerived = "user.behavior.derived_score";

PackageJson header(const Services& services, const storage::RequestRow& request, const PersonCopy& copy) {
  PackageJson out = PackageJson::object();
  out["format"] = "egide.package/1";
  out["kind"] = request.type;
  out["request"] = request.id.str();
  out["subject"] = copy.subject.str();
  out["created"] = base::format_rfc3339(services.clock->now());
  out["controller"]["name"] = services.organisation;
  out["languages"] = PackageJson::array({"fr", "en"});
  return out;
}

PackageJson attribute_json(const HeldAttribute& attribute) {
  PackageJson out = PackageJson::object();
  out["category"] = attribute.row.category;
  out["value"] = PackageJson(attribute.value);
  out["source"] = attribute.row.source;
  out["updated_at"] = base::format_rfc3339(attribute.row.updated_at);
  return out;
}

PackageJson log_position(const Services& services, const PersonCopy& copy) {
  PackageJson out = PackageJson::object();
  out["index"] = copy.log_index;
  out["checkpoint_size"] = copy.log_size;
  out["verifier_key"] = services.verifier_key;
  return out;
}

PackageJson access_package(const Services& services, const storage::RequestRow& request, const PersonCopy& copy) {
  PackageJson out = header(services, request, copy);
  out["blocks"] = access_blocks(services, copy);
  PackageJson& all = out["copy"];
  all = PackageJson::object();
  all["registered_at"] = base::format_rfc3339(copy.registered_at);
  all["locale"] = copy.state->locale;
  all["restricted"] = copy.state->restricted;
  all["objections"] = PackageJson::array();
  for (const auto purpose : copy.state->objections) all["objections"].push_back(services.pack->at(purpose).id.str());
  all["attributes"] = PackageJson::array();
  for (const auto& attribute : copy.attributes) all["attributes"].push_back(attribute_json(attribute));
  all["consents"] = copy.consents;
  all["decisions"] = copy.decisions;
  all["requests"] = copy.requests;
  all["access_log"] = copy.access_log;
  out["log"] = log_position(services, copy);
  return out;
}

// Art. 20(1): on consent (one that stands) or contract.
bool gives_portability(const Services& services, const PersonCopy& copy, policies::PurposeIndex index) {
  const policies::Purpose& purpose = services.pack->at(index);
  if (services.pack->right(purpose.basis, "portability") != "yes") return false;
  if (purpose.basis != policies::LegalBasis::Consent) return true;
  const PurposeConsent* consent = copy.state->consent(index);
  return consent != nullptr && policies::is_valid_for_processing(consent->person.facts.state);
}

bool is_portable(const Services& services, const PersonCopy& copy, const HeldAttribute& attribute) {
  const std::string& source = attribute.row.source;
  if (source != "person" && source != "api" && source != "import") return false;
  if (policies::category_covers(kDerived, attribute.row.category)) return false;
  for (std::size_t i = 0; i < services.pack->purposes().size(); ++i) {
    const auto index = static_cast<policies::PurposeIndex>(i);
    if (covers_any(services.pack->at(index), {attribute}) && gives_portability(services, copy, index)) return true;
  }
  return false;
}

PackageJson portability_package(const Services& services, const storage::RequestRow& request, const PersonCopy& copy) {
  PackageJson out = header(services, request, copy);
  out["data"] = PackageJson::array();
  for (const auto& attribute : copy.attributes)
    if (is_portable(services, copy, attribute)) out["data"].push_back(attribute_json(attribute));
  out["log"] = log_position(services, copy);
  return out;
}

FieldPlace package_place(const base::RecordId& request) { return {"package", request.str(), "sealed", 1}; }

}  // namespace

base::Result<PackageBytes> build_package(Services& services, const storage::RequestRow& request) {
  if (!request.subject) return base::Error(base::ErrorCode::Gone, "This person has been erased");
  EGIDE_TRY(const auto type, type_of(request));
  EGIDE_TRY(const auto copy, copy_person(services, *request.subject));
  const PackageJson document = type == RequestType::Portability ? portability_package(services, request, copy)
                                                                : access_package(services, request, copy);
  PackageBytes out;
  out.body = document.dump(2) + "\n";
  out.sha256 = crypto::sha256(base::as_bytes(out.body));
  return out;
}

storage::PackageRow seal_package(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                 const base::RecordId& request, const PackageBytes& package, base::Timestamp now) {
  storage::PackageRow row;
  row.request = request;
  row.subject = subject;
  row.created_at = now;
  row.sha256 = base::to_bytes(package.sha256);
  row.sealed = seal_field(services, dek, subject, package_place(request), package.body);
  return row;
}

base::Result<std::string> open_package(const Services& services, base::ByteView dek, const storage::PackageRow& row) {
  EGIDE_TRY(auto body, open_field(services, dek, row.subject, package_place(row.request), row.sealed));
  if (base::to_bytes(crypto::sha256(base::as_bytes(body))) != row.sha256)
    return base::integrity_violation("A stored package differs from its hash");
  return body;
}

}  // namespace egide::vault
