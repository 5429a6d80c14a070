#include "handlers/consent_forms.h"

#include <array>
#include <chrono>

#include "egide/base/time.h"

namespace egide::api {
namespace {

using Document = nlohmann::ordered_json;
using vault::ConsentEvent;
using vault::ConsentRecord;

// Terms of DPV's pd: extension for fideslang keys. The others keep their key alone: pd: has no term for skills.
struct PdTerm {
  std::string_view category, term;
};
constexpr std::array<PdTerm, 9> kPdTerms = {{{"user.name", "pd:Name"},
                                             {"user.contact.email", "pd:EmailAddress"},
                                             {"user.contact.phone_number", "pd:TelephoneNumber"},
                                             {"user.contact.address", "pd:PhysicalAddress"},
                                             {"user.contact.address.postal_code", "pd:Location"},
                                             {"user.demographic.language", "pd:Language"},
                                             {"user.demographic.gender", "pd:Gender"},
                                             {"user.demographic.date_of_birth", "pd:BirthDate"},
                                             {"user.demographic.profile.preferences", "pd:Preference"}}};

Document context(bool whole_record) {
  Document out;
  out["dpv"] = "https://w3id.org/dpv#";
  if (whole_record) {
    out["pd"] = "https://w3id.org/dpv/pd#";
    out["loc"] = "https://w3id.org/dpv/loc#";
    out["eu-gdpr"] = "https://w3id.org/dpv/legal/eu/gdpr#";
  }
  out["dct"] = "http://purl.org/dc/terms/";
  out["schema"] = "https://schema.org/";
  out["rdf"] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
  out["xsd"] = "http://www.w3.org/2001/XMLSchema#";
  out["egide"] = "urn:egide:ns:";
  for (const char* reference : {"dct:conformsTo", "dct:publisher", "schema:recipient", "dpv:hasDataController",
                                "dpv:hasPurpose", "dpv:hasLegalBasis", "dpv:hasApplicableLaw", "dpv:hasJurisdiction",
                                "dpv:hasLocation", "dpv:hasRecipient", "dpv:isIndicatedBy", "dpv:isExercisedAt"})
    out[reference]["@type"] = "@id";
  for (const char* time : {"dpv:isIndicatedAtTime", "dct:issued", "dct:created"}) out[time]["@type"] = "xsd:dateTime";
  return out;
}

std::string controller_url(const FormPlace& place) {
  return place.controller.url.empty() ? place.base_url + "/" : place.controller.url;
}

std::string record_url(const ConsentRecord& record, const FormPlace& place) {
  return place.base_url + "/v1/consents/" + record.event.id.str();
}

std::string notices_url(const ConsentRecord& record, const FormPlace& place) {
  return place.base_url + "/v1/purposes/" + record.event.purpose + "/notices";
}

// Who expressed it. A request comes from the controller.
Document indicated_by(const ConsentEvent& event, const FormPlace& place) {
  if (event.type == "requested" || event.type == "revoked" || event.type == "invalidated" || event.type == "expired")
    return controller_url(place);
  return event.by == "guardian" ? "dpv:GuardianOfDataSubject" : "dpv:DataSubject";
}

Document status_of(const ConsentEvent& event, const ConsentRecord& record, const FormPlace& place) {
  Document out;
  const std::string state(vault::consent_state_after(event.type));
  if (event.type == "given" || event.type == "renewed")
    out["@type"] = {state, record.explicit_consent ? "dpv:ExplicitlyExpressedConsent" : "dpv:ExpressedConsent"};
  else
    out["@type"] = state;
  out["dct:identifier"] = event.id.str();
  out["dpv:isIndicatedBy"] = indicated_by(event, place);
  out["dpv:hasIndicationMethod"] = event.method.empty() ? event.channel : event.channel + ": " + event.method;
  out["dpv:isIndicatedAtTime"] = base::format_rfc3339(event.at);
  if (event.valid_until) {
    Document until;
    until["@type"] = "dpv:UntilTimeDuration";
    until["rdf:value"] = base::format_rfc3339(*event.valid_until);
    out["dpv:hasDuration"] = until;
  }
  return out;
}

Document personal_data(const std::vector<std::string>& categories) {
  Document out = Document::array();
  for (const auto& category : categories) {
    Document one;
    one["@type"] = "dpv:PersonalData";
    for (const auto& term : kPdTerms)
      if (term.category == category) one["@type"] = {"dpv:PersonalData", std::string(term.term)};
    one["dct:identifier"] = category;
    out.push_back(std::move(one));
  }
  return out;
}

Document process_of(const ConsentRecord& record, const FormPlace& place) {
  Document out;
  out["@type"] = "dpv:Process";
  out["dct:identifier"] = record.event.purpose;
  out["dpv:hasPurpose"] = record.dpv_purpose;
  out["dpv:hasPersonalData"] = personal_data(record.data_categories);
  for (const auto& tool : record.recipients) out["dpv:hasRecipient"].push_back(place.base_url + "/tools/" + tool);
  Document where, how_long;
  where["@type"] = "dpv:StorageLocation";
  where["dpv:hasLocation"] = "loc:" + record.jurisdiction;
  how_long["@type"] = "dpv:StorageDuration";
  how_long["dpv:hasDuration"]["@type"] = "dpv:UntilEventDuration";
  how_long["dpv:hasDuration"]["rdf:value"] = record.retention;
  out["dpv:hasStorageCondition"] = {where, how_long};
  return out;
}

Document controller_of(const ConsentRecord& record, const FormPlace& place) {
  Document out;
  out["@id"] = controller_url(place);
  out["@type"] = "dpv:DataController";
  out["dpv:hasName"] = record.organisation;
  const Controller& c = place.controller;
  const std::string address = c.street + (c.postal_code.empty() ? "" : ", " + c.postal_code) +
                              (c.locality.empty() ? "" : " " + c.locality) +
                              (c.country.empty() ? "" : ", " + c.country);
  if (!address.empty()) out["dpv:hasAddress"] = address;
  if (!c.email.empty()) out["dpv:hasContact"] = c.email;
  return out;
}

Document notice_of(const ConsentRecord& record, const FormPlace& place) {
  Document out;
  out["@id"] = notices_url(record, place) + "#" + std::to_string(record.event.notice_version);
  out["@type"] = "dpv:ConsentNotice";
  out["dct:identifier"] = std::to_string(record.event.notice_version);
  out["dct:language"] = record.event.notice_language;
  if (record.notice_issued_at) out["dct:issued"] = base::format_rfc3339(*record.notice_issued_at);
  out["egide:sha256"] = record.event.notice_hash;
  return out;
}

Document right(const char* id, std::string where) {
  Document out;
  out["@type"] = id;
  out["dpv:isExercisedAt"] = std::move(where);
  return out;
}

const std::string& in_language(const std::map<std::string, std::string>& texts, const std::string& language,
                               const std::string& otherwise) {
  const auto found = texts.find(language);
  return found == texts.end() ? otherwise : found->second;
}

}  // namespace

Document dpv_record(const ConsentRecord& record, const FormPlace& place) {
  Document out;
  out["@context"] = context(true);
  out["@id"] = record_url(record, place);
  out["@type"] = "dpv:ConsentRecord";
  out["dct:identifier"] = record.event.id.str();
  out["dct:conformsTo"] = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr";
  out["dpv:hasDataSubject"]["@id"] = "urn:egide:pseudonym:" + record.pseudonym;
  out["dpv:hasDataSubject"]["@type"] = record.child ? "dpv:Child" : "dpv:DataSubject";
  out["dpv:hasDataController"] = controller_of(record, place);
  out["dpv:hasJurisdiction"] = "loc:" + record.jurisdiction;
  out["dpv:hasApplicableLaw"] = "eu-gdpr:GDPR";
  out["dpv:hasLegalBasis"] = record.legal_basis == "eu-gdpr:A6-1-a" && record.explicit_consent
                                 ? "eu-gdpr:A6-1-a-explicit-consent"
                                 : record.legal_basis;
  out["dpv:hasProcess"] = process_of(record, place);
  out["dpv:hasNotice"] = notice_of(record, place);
  out["dpv:hasConsentControl"]["@type"] = {"dpv:ProvideConsent", "dpv:WithdrawConsent"};
  out["dpv:hasConsentControl"]["dpv:isExercisedAt"] = place.base_url + "/";
  out["dpv:hasRight"] = {right("eu-gdpr:A7-3", place.base_url + "/"),
                         right("eu-gdpr:A77", "https://www.cnil.fr/fr/plaintes")};
  out["dpv:hasConsentStatus"] = Document::array();
  for (const auto& event : record.history) out["dpv:hasConsentStatus"].push_back(status_of(event, record, place));
  return out;
}

Document dpv_receipt(const vault::Receipt& receipt, const FormPlace& place) {
  const ConsentRecord& record = receipt.record;
  Document out;
  out["@context"] = context(false);
  out["@id"] = record_url(record, place) + "/receipt";
  out["@type"] = "dpv:ConsentReceipt";
  out["dct:identifier"] = receipt.id;
  out["dct:conformsTo"] = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr";
  out["dct:created"] = base::format_rfc3339(receipt.issued_at);
  out["dct:publisher"] = controller_url(place);
  out["schema:recipient"] = "dpv:DataSubject";
  Document about;
  about["@id"] = record_url(record, place);
  about["@type"] = "dpv:ConsentRecord";
  about["dpv:hasPurpose"] = record.dpv_purpose;
  about["dpv:hasNotice"] = notice_of(record, place);
  about["dpv:hasConsentStatus"] = status_of(record.event, record, place);
  out["dpv:hasRecordOfActivity"] = about;
  out["egide:logIndex"] = record.event.log_index;
  return out;
}

Document kantara_receipt(const vault::Receipt& receipt, const FormPlace& place, const std::string& public_key) {
  const ConsentRecord& record = receipt.record;
  const ConsentEvent& event = record.event;
  const Controller& c = place.controller;
  Document out;
  out["version"] = "KI-CR-v1.1.0";
  out["jurisdiction"] = record.jurisdiction;
  // Seconds, whatever some packages say.
  out["consentTimestamp"] = std::chrono::duration_cast<std::chrono::seconds>(event.at.time_since_epoch()).count();
  out["collectionMethod"] = event.method.empty() ? event.channel : event.channel + ": " + event.method;
  out["consentReceiptID"] = event.id.str();
  out["publicKey"] = public_key;
  out["language"] = event.notice_language;
  out["piiPrincipalId"] = record.pseudonym;
  Document controller;
  controller["piiController"] = record.organisation;
  controller["onBehalf"] = false;
  controller["contact"] = c.contact.empty() ? record.organisation : c.contact;
  controller["address"]["streetAddress"] = c.street;
  controller["address"]["postalCode"] = c.postal_code;
  controller["address"]["addressLocality"] = c.locality;
  controller["address"]["addressCountry"] = c.country.empty() ? record.jurisdiction : c.country;
  controller["email"] = c.email;
  controller["phone"] = c.phone;
  out["piiControllers"].push_back(controller);
  out["policyUrl"] = notices_url(record, place);
  Document purpose;
  purpose["purpose"] = event.purpose;
  purpose["purposeCategory"].push_back(record.dpv_purpose);
  // Kantara's other word is IMPLICIT, which egide never records.
  purpose["consentType"] = "EXPLICIT";
  purpose["piiCategory"] = record.data_categories;
  purpose["primaryPurpose"] = false;
  purpose["termination"] =
      record.retention + (event.valid_until ? ", at the latest " + base::format_rfc3339(*event.valid_until) : "");
  purpose["thirdPartyDisclosure"] = !record.recipients.empty();
  std::string names;
  for (const auto& tool : record.recipients) names += (names.empty() ? "" : ", ") + tool;
  if (!names.empty()) purpose["thirdPartyName"] = names;
  Document service;
  service["service"] = in_language(record.label, event.notice_language, event.purpose);
  service["purposes"].push_back(purpose);
  out["services"].push_back(service);
  out["sensitive"] = record.sensitive;
  out["spiCat"] = Document::array();
  return out;
}

}  // namespace egide::api
