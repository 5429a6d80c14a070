#include <algorithm>
#include <array>
#include <cstddef>

#include "egide/policies/pack.h"

namespace egide::policies {
namespace {

// The user tree of fideslang 2.0.0 and 3.2.0 (Ethyca and IAB Tech Lab, CC BY 4.0), spelled as there and sorted. Packs
// write the older names; a vault filled by other tools may hold the newer ones.
constexpr std::string_view kFideslang[] = {"user.account",
                                           "user.account.settings",
                                           "user.account.username",
                                           "user.authorization",
                                           "user.authorization.biometric",
                                           "user.authorization.biometrics",
                                           "user.authorization.credentials",
                                           "user.authorization.password",
                                           "user.behavior",
                                           "user.behavior.browsing_history",
                                           "user.behavior.media_consumption",
                                           "user.behavior.purchase_history",
                                           "user.behavior.search_history",
                                           "user.biometric",
                                           "user.biometric.fingerprint",
                                           "user.biometric.health",
                                           "user.biometric.retinal",
                                           "user.biometric.voice",
                                           "user.biometrics",
                                           "user.biometrics.fingerprint",
                                           "user.biometrics.retinal",
                                           "user.biometrics.voice",
                                           "user.children",
                                           "user.children.children_under_thirteen",
                                           "user.children.thirteen_to_sixteen",
                                           "user.childrens",
                                           "user.contact",
                                           "user.contact.address",
                                           "user.contact.address.city",
                                           "user.contact.address.country",
                                           "user.contact.address.mailing_address",
                                           "user.contact.address.postal_code",
                                           "user.contact.address.state",
                                           "user.contact.address.street",
                                           "user.contact.email",
                                           "user.contact.fax_number",
                                           "user.contact.organization",
                                           "user.contact.phone_number",
                                           "user.contact.social_url",
                                           "user.contact.url",
                                           "user.content",
                                           "user.content.private",
                                           "user.content.public",
                                           "user.content.self_image",
                                           "user.criminal_history",
                                           "user.demographic",
                                           "user.demographic.age_range",
                                           "user.demographic.citizenship_or_immigration_status",
                                           "user.demographic.date_of_birth",
                                           "user.demographic.gender",
                                           "user.demographic.language",
                                           "user.demographic.marital_status",
                                           "user.demographic.philosophical_belief",
                                           "user.demographic.political_opinion",
                                           "user.demographic.profile",
                                           "user.demographic.protected_classifications",
                                           "user.demographic.race_ethnicity",
                                           "user.demographic.religious_belief",
                                           "user.demographic.sexual_orientation",
                                           "user.demographic.union_membership",
                                           "user.device",
                                           "user.device.cookie",
                                           "user.device.cookie_id",
                                           "user.device.device_id",
                                           "user.device.ip_address",
                                           "user.device.sensor",
                                           "user.device.telemetry",
                                           "user.financial",
                                           "user.financial.bank_account",
                                           "user.financial.credit_card",
                                           "user.government_id",
                                           "user.government_id.birth_certificate",
                                           "user.government_id.drivers_license_number",
                                           "user.government_id.immigration",
                                           "user.government_id.national_identification_number",
                                           "user.government_id.passport_number",
                                           "user.government_id.vehicle_registration",
                                           "user.health",
                                           "user.health.baby_formula",
                                           "user.health.condition",
                                           "user.health.genetic",
                                           "user.health.insurance_beneficiary_id",
                                           "user.health.maternity_clothing",
                                           "user.health.medical_diagnosis",
                                           "user.health.medications",
                                           "user.health.prescriptions",
                                           "user.health.record_id",
                                           "user.health.reproductive_or_sexual",
                                           "user.health.social_psychological_behavioral",
                                           "user.health.symptons",
                                           "user.health.treatment",
                                           "user.health_and_medical",
                                           "user.health_and_medical.genetic",
                                           "user.health_and_medical.insurance_beneficiary_id",
                                           "user.health_and_medical.record_id",
                                           "user.job_title",
                                           "user.location",
                                           "user.location.coarse",
                                           "user.location.imprecise",
                                           "user.location.precise",
                                           "user.name",
                                           "user.name.first",
                                           "user.name.last",
                                           "user.payment",
                                           "user.privacy_preferences",
                                           "user.professional_information",
                                           "user.professional_information.job_title",
                                           "user.professional_information.workplace",
                                           "user.sensor",
                                           "user.settings",
                                           "user.social",
                                           "user.social_activity",
                                           "user.telemetry",
                                           "user.unique_id",
                                           "user.unique_id.deterministic",
                                           "user.unique_id.probablistic",
                                           "user.unique_id.pseudonymous",
                                           "user.user_sensor",
                                           "user.workplace"};

bool is_fideslang(std::string_view text) noexcept {
  return std::binary_search(std::begin(kFideslang), std::end(kFideslang), text);
}

// Lower-case words of letters, digits and underscores, joined by dots; at least two.
bool has_key_form(std::string_view text) noexcept {
  std::size_t words = 0;
  std::size_t length = 0;
  for (const char c : text) {
    if (c == '.') {
      if (length == 0) return false;
      ++words;
      length = 0;
    } else if ((c >= 'a' && c <= 'z') || (length > 0 && ((c >= '0' && c <= '9') || c == '_'))) {
      ++length;
    } else {
      return false;
    }
  }
  return length > 0 && words > 0 && text.size() <= 200;
}

}  // namespace

bool category_covers(std::string_view parent, std::string_view category) noexcept {
  if (parent.empty() || category.size() < parent.size()) return false;
  if (category.compare(0, parent.size(), parent) != 0) return false;
  return category.size() == parent.size() || category[parent.size()] == '.';
}

bool is_category_key(std::string_view text) noexcept {
  if (!has_key_form(text)) return false;
  const auto first = text.find('.');
  return is_fideslang(text.substr(0, text.find('.', first + 1)));
}

bool Pack::knows_category(std::string_view category) const noexcept {
  return is_fideslang(category) ||
         std::find(declared_categories_.begin(), declared_categories_.end(), category) != declared_categories_.end();
}

bool Pack::is_special_category(std::string_view category) const noexcept {
  return std::any_of(special_keys_.begin(), special_keys_.end(),
                     [&](const std::string& key) { return category_covers(key, category); });
}

bool Pack::is_criminal_category(std::string_view category) const noexcept {
  return std::any_of(criminal_keys_.begin(), criminal_keys_.end(),
                     [&](const std::string& key) { return category_covers(key, category); });
}

}  // namespace egide::policies
