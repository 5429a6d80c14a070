#include "handlers/docs_page.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "handlers/html_text.h"

namespace egide::api {
namespace {

std::string page(std::string_view title, const std::string& content) {
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>";
  out += html_escaped(title);
  out +=
      "</title><style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
      "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;"
      "border-bottom:1px solid #ccc}code{white-space:nowrap}</style></head><body>\n";
  return out + content + "</body></html>\n";
}

std::string text_of(const base::Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string roles_of(const base::Json& operation) {
  std::string out;
  const auto roles = operation.find("x-roles");
  if (roles == operation.end()) return out;
  for (const auto& role : *roles) out += (out.empty() ? "" : ", ") + role.get<std::string>();
  return out;
}

}  // namespace

std::string home_page() {
  return page(
      "egide",
      "<h1>egide</h1>\n<p>This is a privacy vault. It keeps personal data encrypted, answers whether a tool may "
      "use a person&#39;s data for a purpose, carries out the rights of the people concerned, and keeps a log "
      "that anyone can verify.</p>\n<ul><li><a href=\"/docs\">The interface</a></li>"
      "<li><a href=\"/openapi.json\">OpenAPI document</a></li>"
      "<li><a href=\"/log/checkpoint\">The log&#39;s signed checkpoint</a></li></ul>\n");
}

std::string docs_page(const base::Json& openapi) {
  std::string out = "<h1>" + html_escaped(text_of(openapi.at("info"), "title")) + "</h1>\n";
  out += "<p>Bodies, examples and errors stand in the <a href=\"/openapi.json\">OpenAPI document</a>.</p>\n";
  out += "<table><thead><tr><th>call</th><th>for</th><th>roles</th></tr></thead><tbody>\n";
  for (const auto& path : openapi.at("paths").items()) {
    for (const auto& operation : path.value().items()) {
      if (!operation.value().is_object() || !operation.value().contains("x-roles")) continue;
      std::string method = operation.key();
      for (char& c : method) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      out += "<tr><td><code>" + html_escaped(method) + " " + html_escaped(path.key()) + "</code></td><td>";
      out +=
          html_escaped(text_of(operation.value(), "summary")) + "</td><td>" + html_escaped(roles_of(operation.value()));
      out += "</td></tr>\n";
    }
  }
  return page("egide: the interface", out + "</tbody></table>\n");
}

}  // namespace egide::api
