// A path that the gate accepts is one path to every reader: compared with readers that are careless in different ways.
#include "forward_path.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace egide::api {
namespace {

// How an application may read a path before it looks for the person.
struct Reader {
  int decodings = 1;
  bool back_slash_separates = false;
  bool parameters_dropped = false;  // what follows ';' in a segment
};

int hex(char c) {
  const std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// Dot segments resolved, slashes merged.
std::string resolved(std::string path, const Reader& reader) {
  for (int i = 0; i < reader.decodings; ++i) path = decoded(path);
  path = path.substr(0, path.find('?'));
  path = path.substr(0, path.find('#'));
  std::vector<std::string> segments;
  std::string segment;
  path.push_back('/');
  for (const char c : path) {
    if (c != '/' && !(c == '\\' && reader.back_slash_separates)) {
      segment.push_back(c);
      continue;
    }
    if (reader.parameters_dropped) segment = segment.substr(0, segment.find(';'));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    segment.clear();
  }
  std::string out;
  for (const auto& one : segments) out.append("/").append(one);
  return out;
}

TEST(ForwardPathTest, AcceptsWhatAllReadersReadAlikeOnly) {
  constexpr std::array kParts = {"/people/", "/",      "A",   "B",    "..",    ".",   "%2e",   "%2E.",
                                 ";",        ";x=1",   "%2f", "%5c",  "\\",    "%25", "%252e", "%252f",
                                 "%3b",      "%3f",    "?",   "#",    "%23",   "%00", "%0a",   "%c0%ae",
                                 "é",        "%c3%a9", "//",  "/../", "/..;/", "%",   "%zz",   "~"};
  const Reader readers[] = {
      {}, {.decodings = 0}, {.decodings = 2}, {1, true, false}, {1, false, true}, {2, true, true}};
  const auto pattern = PathPattern::compile("/people/([^/]+)(?:/.*)?").value();
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string uri = "/people/A";
    for (auto left = random() % 6; left > 0; --left) uri += kParts[random() % kParts.size()];
    const auto path = plain_path(uri);
    const auto person = path ? pattern.person_in(*path) : std::nullopt;
    if (person != "A") continue;
    ++accepted;
    for (const auto& reader : readers) {
      const auto read = resolved(uri, reader);
      ASSERT_TRUE(read == "/people/A" || read.starts_with("/people/A/"))
          << "seed " << seed << ": " << uri << " " << read;
    }
  }
  EXPECT_GT(accepted, 1000) << "seed " << seed;
}

TEST(ForwardPathTest, TakesTimeLinearInThePath) {
  // Backtracking would take longer than anybody waits.
  const auto pattern = PathPattern::compile("/(?:a|a)*(?:a*)*b([^/]*)").value();
  EXPECT_FALSE(pattern.person_in("/" + std::string(8000, 'a')).has_value());
}

}  // namespace
}  // namespace egide::api
