#include <algorithm>

#include "egide/base/check.h"
#include "generic_policy_rules.h"
#include "object_node.h"

namespace egide::policies {
namespace {

constexpr std::size_t kMaxEntities = 100'000;

base::JsonLimits limits() {
  base::JsonLimits out;
  out.max_bytes = 64U << 20;
  return out;
}

const Words& operations() {
  static const Words words = {"eq", "ne", "in", "eq_attr", "exists", "absent"};
  return words;
}

}  // namespace

// Builds the domains. The only class that writes the members of GenericPolicies.
class GenericLoader {
 public:
  explicit GenericLoader(const std::vector<std::string>& reserved)
      : reserved_(reserved), out_(std::make_shared<GenericPolicies>()) {}

  void read(const base::JsonWithLines& document, const std::string& file) {
    Mistakes mistakes(document, file);
    auto domain = std::make_unique<GenericPolicies::Domain>();
    ObjectNode root(&document.value, "", mistakes);
    root.choice("format", Need::Required, {kGenericFormat});
    root.text("$schema", Need::Optional);
    root.text("description", Need::Optional);
    domain->name = root.text("domain", Need::Required);
    read_entities(root, "subjects", "id", domain->subjects, mistakes);
    read_entities(root, "resources", "id", domain->resources, mistakes);
    read_entities(root, "actions", "name", domain->actions, mistakes);
    root.choice("combining", Need::Optional, {"deny_overrides"});
    domain->permit_by_default = root.choice("default", Need::Optional, {"deny", "permit"}) == "permit";
    read_rules(root, *domain, mistakes);
    root.close();
    index(*domain, mistakes);
    check_types(*domain, mistakes);
    for (auto& mistake : mistakes.in_order_of_lines()) mistakes_.push_back(std::move(mistake));
    out_->domains_.push_back(std::move(domain));
  }

  void add_mistake(base::FieldError mistake) { mistakes_.push_back(std::move(mistake)); }

  base::Result<std::shared_ptr<const GenericPolicies>> finish(const base::Hash32& hash) {
    if (!mistakes_.empty())
      return base::Error(base::ErrorCode::InvalidRequest, "The generic policies are not valid", std::move(mistakes_));
    std::copy_n(hash.begin(), out_->revision_.size(), out_->revision_.begin());
    return std::shared_ptr<const GenericPolicies>(std::move(out_));
  }

 private:
  using Domain = GenericPolicies::Domain;

  // Not ObjectNode::array, whose limit is that of a pack's lists.
  static const base::Json* long_list(ObjectNode& root, const char* key) {
    const base::Json* list = root.member(key, Need::Required);
    if (list == nullptr) return nullptr;
    if (list->is_array() && list->size() <= kMaxEntities) return list;
    root.mistake(key, "must be an array of at most " + std::to_string(kMaxEntities) + " items");
    return nullptr;
  }

  static void read_entities(ObjectNode& root, const char* key, const char* id, std::vector<GenericEntity>& out,
                            Mistakes& mistakes) {
    const base::Json* list = long_list(root, key);
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
      ObjectNode node(&(*list)[i], pointer_to(root.pointer_of(key), i), mistakes);
      GenericEntity entity;
      if (std::string_view(id) == "id") entity.type = node.text("type", Need::Required);
      entity.id = node.text(id, Need::Required);
      node.text("description", Need::Optional);
      if (const base::Json* properties = node.member("properties", Need::Optional)) {
        if (properties->is_object())
          entity.properties = *properties;
        else
          node.mistake("properties", "must be an object");
      }
      node.close();
      out.push_back(std::move(entity));
    }
  }

  static void read_rules(ObjectNode& root, Domain& domain, Mistakes& mistakes) {
    const base::Json* list = long_list(root, "rules");
    if (list == nullptr) return;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < list->size(); ++i) {
      ObjectNode node(&(*list)[i], pointer_to("/rules", i), mistakes);
      GenericRule rule;
      rule.id = node.text("id", Need::Required);
      if (!rule.id.empty() && !ids.insert(rule.id).second) node.mistake("id", "stands twice in the file");
      rule.permit = node.choice("effect", Need::Required, {"permit", "deny"}) == "permit";
      node.text("description", Need::Optional);
      // An empty list would hold always: a rule without a condition is written as one that tests a type.
      if (const base::Json* tests = node.array("when", Need::Required, 1))
        for (std::size_t j = 0; j < tests->size(); ++j) {
          ObjectNode test(&(*tests)[j], pointer_to(node.pointer_of("when"), j), mistakes);
          rule.when.push_back(read_test(test));
        }
      node.close();
      domain.rules.push_back(std::move(rule));
    }
  }

  static void read_attribute(ObjectNode& node, const char* key, GenericAttribute& out) {
    const std::string text = node.text(key, Need::Required);
    if (!text.empty() && !parse_generic_attribute(text, out))
      node.mistake(key,
                   "must be subject.type, subject.id, resource.type, resource.id, action.name, one of these three with "
                   ".properties.<key>, or context.<key>");
  }

  static GenericTest read_test(ObjectNode& node) {
    GenericTest out;
    read_attribute(node, "attr", out.attribute);
    const std::string op = node.choice("op", Need::Required, operations());
    const auto at = std::find(operations().begin(), operations().end(), op);
    if (at == operations().end()) return out;
    out.op = static_cast<GenericOp>(at - operations().begin());
    switch (out.op) {
      case GenericOp::EqAttr:
        read_attribute(node, "value", out.other);
        break;
      case GenericOp::Exists:
      case GenericOp::Absent:
        break;  // a value with them is refused by close()
      case GenericOp::In:
        if (const base::Json* list = node.array("value", Need::Required, 1)) out.value = *list;
        break;
      case GenericOp::Eq:
      case GenericOp::Ne:
        if (const base::Json* value = node.member("value", Need::Required)) out.value = *value;
        break;
    }
    node.close();
    return out;
  }

  static void index(Domain& domain, Mistakes& mistakes) {
    const auto entities = [&](const char* key, const auto& list, auto& at) {
      for (std::size_t i = 0; i < list.size(); ++i)
        if (!list[i].id.empty() && !at.emplace(std::pair(list[i].type, list[i].id), i).second)
          mistakes.add(pointer_to(pointer_to("", key), i), "stands twice in the file");
    };
    entities("subjects", domain.subjects, domain.subject_at);
    entities("resources", domain.resources, domain.resource_at);
    for (std::size_t i = 0; i < domain.actions.size(); ++i)
      if (!domain.actions[i].id.empty() && !domain.action_at.emplace(domain.actions[i].id, i).second)
        mistakes.add(pointer_to("/actions", i), "stands twice in the file");
    for (const auto& subject : domain.subjects) domain.subject_types.insert(subject.type);
    for (const auto& resource : domain.resources) domain.resource_types.insert(resource.type);
    for (const auto& rule : domain.rules)
      for (const auto& test : rule.when) add_types(domain, test);
  }

  // Types that a rule names count too: a file may decide about entities that it does not list.
  static void add_types(Domain& domain, const GenericTest& test) {
    if (test.attribute.part != GenericAttribute::Part::Type) return;
    auto& types = test.attribute.of == GenericAttribute::Of::Subject ? domain.subject_types : domain.resource_types;
    if (test.op == GenericOp::Eq && test.value.is_string()) types.insert(test.value.get<std::string>());
    if (test.op == GenericOp::In)
      for (const auto& item : test.value)
        if (item.is_string()) types.insert(item.get<std::string>());
  }

  void check_types(const Domain& domain, Mistakes& mistakes) {
    std::set<std::string> types(domain.subject_types.begin(), domain.subject_types.end());
    types.insert(domain.resource_types.begin(), domain.resource_types.end());
    for (const std::string& type : types) {
      if (std::find(reserved_.begin(), reserved_.end(), type) != reserved_.end())
        mistakes.add("", "the type '" + type + "' belongs to the consent gateway");
      else if (!types_.insert(type).second)
        mistakes.add("", "the type '" + type + "' is another file's already");
    }
  }

  const std::vector<std::string>& reserved_;
  std::shared_ptr<GenericPolicies> out_;
  std::set<std::string> types_;  // of the files before
  std::vector<base::FieldError> mistakes_;
};

bool is_generic_policy(std::string_view text) {
  const auto parsed = base::parse_json(text, limits());
  if (!parsed || !parsed->is_object()) return false;
  const auto format = parsed->find("format");
  return format != parsed->end() && format->is_string() && format->get_ref<const std::string&>() == kGenericFormat;
}

base::Result<std::shared_ptr<const GenericPolicies>> load_generic_policies(
    const std::vector<PackFile>& files, const std::vector<std::string>& reserved_types,
    base::Hash32 (*revision_hash)(base::ByteView)) {
  EGIDE_CHECK(revision_hash != nullptr);
  GenericLoader loader(reserved_types);
  base::Json documents = base::Json::array();
  for (const PackFile& file : files) {
    auto parsed = base::parse_json_with_lines(file.text, limits());
    if (!parsed) {
      base::FieldError where{"", parsed.error().message(), 0};
      if (!parsed.error().fields().empty()) where = parsed.error().fields().front();
      where.detail = file.name + ": " + where.detail;
      loader.add_mistake(std::move(where));
      continue;
    }
    loader.read(*parsed, file.name);
    documents.push_back(std::move(parsed->value));
  }
  // dump() sorts members and writes no white space: layout does not change the revision.
  return loader.finish(revision_hash(base::as_bytes(documents.dump())));
}

}  // namespace egide::policies
