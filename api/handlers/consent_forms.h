// A consent's record and receipt in the forms of others: ISO/IEC TS 27560 as DPV JSON-LD, and Kantara Consent Receipt
// 1.1. No name of a person is in them, only the receipt pseudonym.
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "egide/api/controller.h"
#include "egide/vault/consent_records.h"

namespace egide::api {

struct FormPlace {
  const std::string& base_url;  // without a slash at the end
  const Controller& controller;
};

// https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr and #receipt-eu-gdpr.
nlohmann::ordered_json dpv_record(const vault::ConsentRecord& record, const FormPlace& place);
nlohmann::ordered_json dpv_receipt(const vault::Receipt& receipt, const FormPlace& place);
// `public_key`: base64, as the specification has it.
nlohmann::ordered_json kantara_receipt(const vault::Receipt& receipt, const FormPlace& place,
                                       const std::string& public_key);

}  // namespace egide::api
