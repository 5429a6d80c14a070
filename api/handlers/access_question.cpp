#include "handlers/access_question.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace egide::api {
namespace {

constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxCategories = 200;

const base::Json* present(const base::Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// Reads the members an evaluation has and collects what is wrong with them; others are not looked at. ObjectReader
// would do, but this runs for every evaluation and makes no string while all is well.
class EntityReader {
 public:
  void mistake(std::string_view entity, std::string_view member, std::string detail) {
    std::string pointer = "/" + std::string(entity);
    if (!member.empty()) pointer.append("/").append(member);
    mistakes_.push_back({std::move(pointer), std::move(detail), 0});
  }

  // False, with a mistake, unless the entity is an object.
  bool object(const base::Json* entity, const char* name, bool required) {
    if (entity == nullptr) {
      if (required) mistake(name, {}, "is required");
      return false;
    }
    if (entity->is_object()) return true;
    mistake(name, {}, "must be an object");
    return false;
  }

  std::string text(const base::Json& object, const char* entity, const char* key, const char* pointer) {
    const base::Json* value = present(object, key);
    if (value == nullptr) {
      mistake(entity, pointer, "is required");
    } else if (!value->is_string()) {
      mistake(entity, pointer, "must be a string");
    } else if (const auto& found = value->get_ref<const std::string&>(); found.size() > kMaxText) {
      mistake(entity, pointer, "must have at most 1000 bytes");
    } else {
      return found;
    }
    return {};
  }

  // `properties` of an entity: nothing when absent.
  const base::Json* properties(const base::Json* entity, const char* name) {
    if (entity == nullptr || !entity->is_object()) return nullptr;
    const base::Json* found = present(*entity, "properties");
    if (found == nullptr || found->is_object()) return found;
    mistake(name, "properties", "must be an object");
    return nullptr;
  }

  std::vector<std::string> categories(const base::Json& properties) {
    std::vector<std::string> out;
    const base::Json* list = present(properties, "categories");
    if (list == nullptr) return out;
    if (!list->is_array() || list->size() > kMaxCategories) {
      mistake("resource", "properties/categories", "must be an array of at most 200 category keys");
      return out;
    }
    for (const auto& item : *list) {
      if (!item.is_string() || item.get_ref<const std::string&>().size() > kMaxText) {
        mistake("resource", "properties/categories", "must be an array of at most 200 category keys");
        return out;
      }
      out.push_back(item.get<std::string>());
    }
    return out;
  }

  base::Result<void> finish() {
    if (mistakes_.empty()) return {};
    return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes_));
  }

 private:
  std::vector<base::FieldError> mistakes_;
};

void read_automation(EntityReader& in, const base::Json& properties, vault::AccessQuestion& question) {
  const base::Json* value = present(properties, "automation");
  if (value == nullptr) return;
  if (value->is_string()) question.automation = policies::parse_automation(value->get_ref<const std::string&>());
  if (!question.automation) {
    in.mistake("action", "properties/automation",
               "must be one of none, advisory, human_confirms, human_decides_with_score, solely_automated");
  }
}

}  // namespace

base::Result<Entities> entities_of(const base::Json& object) {
  if (!object.is_object()) return base::invalid_field("", "must be an object");
  Entities out;
  out.subject = present(object, "subject");
  out.resource = present(object, "resource");
  out.action = present(object, "action");
  out.context = present(object, "context");
  return out;
}

Entities with_defaults(const Entities& item, const Entities& defaults) noexcept {
  Entities out;
  out.subject = item.subject != nullptr ? item.subject : defaults.subject;
  out.resource = item.resource != nullptr ? item.resource : defaults.resource;
  out.action = item.action != nullptr ? item.action : defaults.action;
  out.context = item.context != nullptr ? item.context : defaults.context;
  return out;
}

namespace {

std::string_view view_of(const base::Json* entity, const char* key) {
  const base::Json* found = entity == nullptr ? nullptr : present(*entity, key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                : std::string_view();
}

// Type and id of a subject or resource; the id of what is searched is not looked at.
policies::GenericParty read_party(EntityReader& in, const base::Json* entity, const char* name, bool with_id) {
  policies::GenericParty out;
  if (!in.object(entity, name, true)) return out;
  in.text(*entity, name, "type", "type");
  if (with_id) in.text(*entity, name, "id", "id");
  out.type = view_of(entity, "type");
  if (with_id) out.id = view_of(entity, "id");
  out.properties = in.properties(entity, name);
  return out;
}

void read_consent_question(EntityReader& in, const AskedAccess& asked, Asks asks, vault::AccessQuestion& out) {
  const policies::GenericRequest& request = asked.generic;
  out.tool = request.subject.id;
  out.person = request.resource.id;
  if (request.resource.properties != nullptr) out.categories = in.categories(*request.resource.properties);
  if (asks == Asks::Actions) return;
  if (request.action.properties == nullptr) {
    in.mistake("action", "properties/purpose", "is required");
  } else {
    out.purpose = in.text(*request.action.properties, "action", "purpose", "properties/purpose");
    read_automation(in, *request.action.properties, out);
  }
}

}  // namespace

base::Result<AskedAccess> read_question(const vault::Services& services, const Entities& entities, Asks asks) {
  EntityReader in;
  AskedAccess asked;
  policies::GenericRequest& request = asked.generic;
  request.subject = read_party(in, entities.subject, "subject", asks != Asks::Subjects);
  request.resource = read_party(in, entities.resource, "resource", asks != Asks::Resources);
  if (asks != Asks::Actions && in.object(entities.action, "action", true)) {
    in.text(*entities.action, "action", "name", "name");
    request.action = {view_of(entities.action, "name"), in.properties(entities.action, "action")};
  }
  // For consent the clock and the facts are the vault's: of the context only the form is looked at.
  if (entities.context != nullptr && in.object(entities.context, "context", false)) request.context = entities.context;

  asked.kind = vault::kind_of_pair(services, request.subject.type, request.resource.type);
  if (asked.kind == vault::PairKind::Consent) {
    if (asks == Asks::Actions || request.action.name == "process")
      read_consent_question(in, asked, asks, asked.question);
    else
      asked.kind = vault::PairKind::None;
  }
  EGIDE_TRY_VOID(in.finish());
  return asked;
}

}  // namespace egide::api
