#include "decision_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "entries.h"

namespace egide::vault {
namespace {

using Json = nlohmann::json;

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), end);
}

void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {  // no JSON document holds one
    out += "null";
    return;
  }
  const std::size_t begin = out.size();
  append_number(out, number);
  // A number with a fraction stays one when it is read back.
  if (std::string_view(out).substr(begin).find_first_of(".e") == std::string_view::npos) out += ".0";
}

}  // namespace

void append_canonical(std::string& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::object: {
      out += '{';
      bool first = true;
      for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, name);
        out += ':';
        append_canonical(out, member);
      }
      out += '}';
      return;
    }
    case Json::value_t::array: {
      out += '[';
      bool first = true;
      for (const Json& item : value.get_ref<const Json::array_t&>()) {
        if (!first) out += ',';
        first = false;
        append_canonical(out, item);
      }
      out += ']';
      return;
    }
    case Json::value_t::string:
      append_json_string(out, value.get_ref<const std::string&>());
      return;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::number_integer:
      append_number(out, value.get<std::int64_t>());
      return;
    case Json::value_t::number_unsigned:
      append_number(out, value.get<std::uint64_t>());
      return;
    case Json::value_t::number_float:
      append_double(out, value.get<double>());
      return;
    case Json::value_t::null:
    case Json::value_t::binary:
    case Json::value_t::discarded:
      out += "null";
      return;
  }
}

std::string canonical_object(const std::vector<JsonMember>& some, const std::vector<JsonMember>& others) {
  std::vector<const JsonMember*> all;
  all.reserve(some.size() + others.size());
  std::size_t size = 2;
  for (const auto* list : {&some, &others})
    for (const JsonMember& member : *list) {
      all.push_back(&member);
      size += member.name.size() + member.text.size() + 4;
    }
  std::sort(all.begin(), all.end(), [](const JsonMember* a, const JsonMember* b) { return a->name < b->name; });
  std::string out;
  out.reserve(size);
  out += '{';
  for (const JsonMember* member : all) {
    if (out.size() > 1) out += ',';
    append_json_string(out, member->name);
    out += ':';
    out += member->text;
  }
  return out + "}";
}

}  // namespace egide::vault
