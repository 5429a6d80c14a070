#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "egide/anonymity/hierarchy.h"

namespace egide::anonymity {
namespace {

std::optional<int> whole_number(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string band_of(const std::string& value, int width) {
  const auto number = whole_number(value);
  if (!number || *number < 0) return value;
  const int first = *number / width * width;
  return std::to_string(first) + "-" + std::to_string(first + width - 1);
}

// Where a band stands: by its first number, and below what begins there ("<18" comes before "18-29").
std::optional<std::pair<int, int>> place_of(const std::string& band) {
  const bool below = band.starts_with('<');
  const std::string_view digits = std::string_view(band).substr(below ? 1 : 0);
  const auto end = std::min(digits.find_first_not_of("0123456789"), digits.size());
  const auto number = whole_number(digits.substr(0, end));
  if (!number) return std::nullopt;
  return std::pair(*number, below ? 0 : 1);
}

using BandList = std::vector<std::pair<std::string, std::vector<std::string>>>;  // label, values under it

BandList bands_in_order(const std::vector<std::string>& domain) {
  std::vector<std::tuple<int, int, std::string>> places;
  for (const auto& value : domain)
    if (const auto place = place_of(value)) places.emplace_back(place->first, place->second, value);
  std::sort(places.begin(), places.end());
  BandList out;
  for (const auto& [number, side, value] : places) out.push_back({value, {value}});
  return out;
}

BandList joined(const BandList& bands) {
  BandList out;
  for (std::size_t i = 0; i < bands.size(); i += 2) {
    auto band = bands[i];
    if (i + 1 < bands.size()) {
      band.first += ".." + bands[i + 1].first;
      band.second.insert(band.second.end(), bands[i + 1].second.begin(), bands[i + 1].second.end());
    }
    out.push_back(std::move(band));
  }
  return out;
}

std::string shortened(const std::string& label) {
  const auto first = label.find("..");
  return first == std::string::npos ? label : label.substr(0, first) + ".." + label.substr(label.rfind("..") + 2);
}

}  // namespace

Hierarchy number_hierarchy(const std::vector<std::string>& domain, const std::vector<int>& widths) {
  std::vector<Level> levels;
  for (const int width : widths)
    levels.push_back(
        {"bands of " + std::to_string(width), [width](const std::string& value) { return band_of(value, width); }});
  return make_hierarchy(domain, levels);
}

Hierarchy prefix_hierarchy(const std::vector<std::string>& domain) {
  std::size_t longest = 0;
  for (const auto& value : domain) longest = std::max(longest, value.size());
  std::vector<Level> levels;
  for (std::size_t covered = 1; covered < longest; ++covered)
    levels.push_back({"first characters, " + std::to_string(covered) + " covered", [covered](const std::string& value) {
                        const std::size_t kept = value.size() > covered ? value.size() - covered : 0;
                        return value.substr(0, kept) + std::string(value.size() - kept, '*');
                      }});
  return make_hierarchy(domain, levels);
}

Hierarchy band_hierarchy(const std::vector<std::string>& domain) {
  std::vector<Level> levels;
  int size = 1;
  for (BandList bands = bands_in_order(domain); bands.size() > 2;) {
    bands = joined(bands);
    size *= 2;
    std::unordered_map<std::string, std::string> label_of;
    for (const auto& [label, values] : bands)
      for (const auto& value : values) label_of[value] = shortened(label);
    levels.push_back({std::to_string(size) + " bands joined", [label_of](const std::string& value) {
                        const auto found = label_of.find(value);
                        return found == label_of.end() ? value : found->second;
                      }});
  }
  return make_hierarchy(domain, levels);
}

}  // namespace egide::anonymity
