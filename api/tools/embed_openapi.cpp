// embed_openapi INPUT.yaml OUTPUT.cpp: the OpenAPI document as JSON in a C++ source, made while building.
//
// YAML's plain scalars become what its core schema says they are; quoted ones stay text. Anchors are resolved, a key
// that comes twice or is not text stops the build.
#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>

namespace {

using Json = nlohmann::ordered_json;

std::runtime_error at(const YAML::Node& node, const std::string& what) {
  return std::runtime_error("line " + std::to_string(node.Mark().line + 1) + ": " + what);
}

Json scalar(const YAML::Node& node) {
  static const std::regex integer("-?(0|[1-9][0-9]*)");
  static const std::regex number("-?(0|[1-9][0-9]*)\\.[0-9]+");
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // was quoted, or a block
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  if (std::regex_match(text, integer)) return std::stoll(text);
  if (std::regex_match(text, number)) return std::stod(text);
  return text;
}

Json convert(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      Json out = Json::array();
      for (const auto& item : node) out.push_back(convert(item));
      return out;
    }
    case YAML::NodeType::Map: {
      Json out = Json::object();
      for (const auto& pair : node) {
        if (!pair.first.IsScalar()) throw at(pair.first, "a key must be text");
        const std::string& key = pair.first.Scalar();
        if (out.contains(key)) throw at(pair.first, "the key '" + key + "' comes twice");
        out[key] = convert(pair.second);
      }
      return out;
    }
    case YAML::NodeType::Undefined:
      break;
  }
  throw at(node, "not understood");
}

// Compilers need not take a literal beyond 65,536 characters.
void write_source(std::ostream& out, const std::string& json) {
  constexpr std::size_t kChunk = 15000;
  out << "// Made by embed_openapi from openapi.yaml.\n#include <string>\n#include <string_view>\n\n"
         "#include \"egide/api/application.h\"\n\nnamespace egide::api {\nnamespace {\n\n"
         "constexpr std::string_view kChunks[] = {\n";
  for (std::size_t begin = 0; begin < json.size();) {
    std::size_t end = std::min(begin + kChunk, json.size());
    while (end < json.size() && (static_cast<unsigned char>(json[end]) & 0xc0U) == 0x80U)
      --end;  // not inside a character
    out << "    R\"json(" << json.substr(begin, end - begin) << ")json\",\n";
    begin = end;
  }
  out << "};\n\n}  // namespace\n\nconst std::string& openapi_json() {\n  static const std::string text = [] {\n"
         "    std::string all;\n    for (const std::string_view chunk : kChunks) all += chunk;\n    return all;\n"
         "  }();\n  return text;\n}\n\n}  // namespace egide::api\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: embed_openapi INPUT.yaml OUTPUT.cpp\n";
    return 2;
  }
  try {
    const std::string json = convert(YAML::LoadFile(argv[1])).dump(1);
    if (json.find(")json\"") != std::string::npos)
      throw std::runtime_error("the document holds the literals' end mark");
    std::ofstream out(argv[2], std::ios::trunc);
    write_source(out, json);
    out.close();
    if (!out) throw std::runtime_error("the output can't be written");
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
