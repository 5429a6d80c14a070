#include <array>
#include <set>

#include "fold.h"
#include "transform_values.h"

namespace egide::policies {
namespace {

struct Word {
  std::string_view folded;
  int first, last;  // days 0 Monday to 6 Sunday; parts 0 morning to 3 night
};

constexpr std::array<std::string_view, 7> kDays = {"lundi",    "mardi",  "mercredi", "jeudi",
                                                   "vendredi", "samedi", "dimanche"};
constexpr std::array<std::string_view, 4> kParts = {"matin", "après-midi", "soir", "nuit"};
constexpr int kWholeDay = 4;  // after the parts: a day without a part

constexpr Word kDayWords[] = {{"lundi", 0, 0},    {"mardi", 1, 1},    {"mercredi", 2, 2},  {"jeudi", 3, 3},
                              {"vendredi", 4, 4}, {"samedi", 5, 5},   {"dimanche", 6, 6},  {"weekend", 5, 6},
                              {"monday", 0, 0},   {"tuesday", 1, 1},  {"wednesday", 2, 2}, {"thursday", 3, 3},
                              {"friday", 4, 4},   {"saturday", 5, 5}, {"sunday", 6, 6}};
constexpr Word kPartWords[] = {{"matin", 0, 0},     {"matinee", 0, 0}, {"am", 0, 0},      {"morning", 0, 0},
                               {"apresmidi", 1, 1}, {"aprem", 1, 1},   {"pm", 1, 1},      {"afternoon", 1, 1},
                               {"soir", 2, 2},      {"soiree", 2, 2},  {"evening", 2, 2}, {"nuit", 3, 3},
                               {"night", 3, 3}};
// An item that says when somebody is not free is left out whole: half of it would say the contrary.
constexpr std::string_view kNegations[] = {"pas", "sauf", "jamais", "hors",  "excepte",
                                           "ni",  "not",  "except", "never", "no"};

const Word* look_up(const Word* begin, const Word* end, std::string_view word) {
  // Plurals: "lundis", "matins".
  const auto stem = word.size() > 3 && word.back() == 's' ? word.substr(0, word.size() - 1) : word;
  for (const Word* at = begin; at != end; ++at)
    if (at->folded == word || at->folded == stem) return at;
  return nullptr;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// One item between separators: days gather until a part of the day names them; a day after that begins anew.
void read_item(const std::string& item, std::set<std::pair<int, int>>& slots) {
  std::set<std::pair<int, int>> found;
  std::set<int> days;
  bool named = false;
  const auto flush = [&] {
    if (!named)
      for (const int day : days) found.emplace(day, kWholeDay);
    days.clear();
    named = false;
  };
  std::size_t pos = 0;
  bool in_brackets = false;  // where people write their reasons
  while (pos < item.size()) {
    std::size_t end = pos;
    while (end < item.size() && item[end] >= 'a' && item[end] <= 'z') ++end;
    if (end == pos) {
      if (item[pos] == '(' || item[pos] == ')') in_brackets = item[pos] == '(';
      ++pos;
      continue;
    }
    const std::string_view word = std::string_view(item).substr(pos, end - pos);
    pos = end;
    for (const std::string_view negation : kNegations)
      if (word == negation) return;
    if (in_brackets) continue;
    if (const Word* day = look_up(std::begin(kDayWords), std::end(kDayWords), word)) {
      if (named) flush();
      for (int d = day->first; d <= day->last; ++d) days.insert(d);
    } else if (const Word* part = look_up(std::begin(kPartWords), std::end(kPartWords), word)) {
      for (const int d : days) found.emplace(d, part->first);
      named = named || !days.empty();
    }
  }
  flush();
  slots.insert(found.begin(), found.end());
}

}  // namespace

std::vector<std::string> slots_in(std::string_view text) {
  std::string folded = fold(text);
  for (const char* spelling : {"apres-midi", "apres midi", "apres\xe2\x80\x91midi"})
    folded = replaced(std::move(folded), spelling, "apresmidi");
  for (const char* spelling : {"week-end", "week end"}) folded = replaced(std::move(folded), spelling, "weekend");
  std::set<std::pair<int, int>> slots;
  std::string item;
  for (const char c : folded + "\n") {
    if (c == ',' || c == ';' || c == '\n' || c == '.' || c == '|') {
      read_item(item, slots);
      item.clear();
    } else {
      item += c;
    }
  }
  std::vector<std::string> out;
  for (const auto& [day, part] : slots) {
    std::string slot(kDays[static_cast<std::size_t>(day)]);
    if (part != kWholeDay) slot.append(" ").append(kParts[static_cast<std::size_t>(part)]);
    out.push_back(std::move(slot));
  }
  return out;
}

}  // namespace egide::policies
