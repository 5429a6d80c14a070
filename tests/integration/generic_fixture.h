// A world in which generic policies answer beside the consent gateway.
#pragma once

#include "world.h"

namespace egide::testing {

// The example of docs/formats/generic-policy.md: readers borrow books, an owner sees an account.
inline constexpr const char* kLibrary = R"({"format": "egide.policy.generic/1",
 "domain": "library-demo",
 "subjects": [
   {"type": "reader", "id": "lena"},
   {"type": "reader", "id": "omar", "properties": {"role": "librarian"}}],
 "resources": [
   {"type": "book", "id": "b-1", "properties": {"state": "on_shelf"}},
   {"type": "book", "id": "b-2", "properties": {"state": "lent"}},
   {"type": "book", "id": "b-3", "properties": {"state": "on_shelf"}},
   {"type": "loan_account", "id": "acc-9", "properties": {"owner": "lena"}}],
 "actions": [{"name": "borrow"}, {"name": "view"}, {"name": "discard"}],
 "combining": "deny_overrides",
 "default": "deny",
 "rules": [
   {"id": "readers-borrow", "effect": "permit", "when": [
     {"attr": "subject.type", "op": "eq", "value": "reader"},
     {"attr": "action.name", "op": "in", "value": ["borrow", "view"]},
     {"attr": "resource.properties.state", "op": "eq", "value": "on_shelf"}]},
   {"id": "owner-views-account", "effect": "permit", "when": [
     {"attr": "action.name", "op": "eq", "value": "view"},
     {"attr": "resource.type", "op": "eq", "value": "loan_account"},
     {"attr": "resource.properties.owner", "op": "eq_attr", "value": "subject.id"}]},
   {"id": "librarians-discard", "effect": "permit", "when": [
     {"attr": "action.name", "op": "eq", "value": "discard"},
     {"attr": "resource.type", "op": "eq", "value": "book"},
     {"attr": "subject.properties.role", "op": "eq", "value": "librarian"}]},
   {"id": "no-discard-without-form", "effect": "deny", "when": [
     {"attr": "action.name", "op": "eq", "value": "discard"},
     {"attr": "action.properties.form", "op": "absent"}]}]})";

class GenericTest : public ::testing::Test {
 protected:
  static WorldOptions with_library() {
    WorldOptions options;
    options.pack_files = {{"library.json", kLibrary}};
    return options;
  }
  static Json entity(const std::string& type, const std::string& id) { return {{"type", type}, {"id", id}}; }
  static Json asked(const std::string& reader, const std::string& action, const std::string& book) {
    return {{"subject", entity("reader", reader)},
            {"resource", entity(book.rfind("acc", 0) == 0 ? "loan_account" : "book", book)},
            {"action", {{"name", action}}}};
  }
  Json decide(const Json& body) {
    const Reply reply = world.gate->post("/access/v1/evaluation", body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  World world{with_library()};
};

}  // namespace egide::testing
