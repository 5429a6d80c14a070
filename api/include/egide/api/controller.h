// Who answers for the data, as notices and receipts name them (GDPR 13(1)(a) and (b)). From the configuration file.
//
// Thread safety: a plain value.
#pragma once

#include <string>

namespace egide::api {

struct Controller {
  std::string url;                                     // of the organisation; empty: the server's own address
  std::string contact;                                 // a role, such as "Data protection officer"
  std::string email, phone;                            // for questions about data
  std::string street, postal_code, locality, country;  // ISO 3166 code; empty: the policy pack's
};

}  // namespace egide::api
