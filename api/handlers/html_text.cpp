#include "handlers/html_text.h"

namespace egide::api {

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string html_paragraphs(std::string_view text) {
  std::string out = "<p>";
  const std::string escaped = html_escaped(text);
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\n') {
      out.push_back(escaped[i]);
    } else if (i + 1 < escaped.size() && escaped[i + 1] == '\n') {
      out += "</p>\n<p>";
      while (i + 1 < escaped.size() && escaped[i + 1] == '\n') ++i;
    } else {
      out += "<br>\n";
    }
  }
  return out + "</p>\n";
}

}  // namespace egide::api
