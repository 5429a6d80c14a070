#include <algorithm>
#include <string>

#include "fold.h"
#include "redact_match.h"

namespace egide::policies {
namespace {

constexpr std::size_t kLongNumber = 9;     // digits, spaces between them
constexpr std::size_t kLongGroup = 7;      // digits in one piece
constexpr std::size_t kShortestPhone = 8;  // digits after a plus sign

// Bytes of one separator between groups of digits: space, point, hyphen, slash, bracket, or one of the narrow spaces.
std::size_t separator_at(std::string_view text, std::size_t pos) {
  const char c = at(text, pos);
  if (c == ' ' || c == '.' || c == '-' || c == '/' || c == '(' || c == ')' || c == '_') return 1;
  for (const std::string_view wide : {"\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x91", "\xe2\x80\x93"})
    if (text.substr(pos, wide.size()) == wide) return wide.size();
  return 0;
}

std::size_t digits_from(std::string_view text, std::size_t pos) {
  std::size_t n = 0;
  while (is_digit(at(text, pos + n))) ++n;
  return n;
}

// 12/03/2024, 2024-03-12: a date is no identifier, and what follows it is another number.
std::size_t date_end(std::string_view text, std::size_t pos) {
  const std::size_t a = digits_from(text, pos);
  const char mark = at(text, pos + a);
  if (mark != '/' && mark != '-' && mark != '.') return pos;
  const std::size_t b = digits_from(text, pos + a + 1);
  if (at(text, pos + a + 1 + b) != mark) return pos;
  const std::size_t c = digits_from(text, pos + a + b + 2);
  const bool day_first = a >= 1 && a <= 2 && b >= 1 && b <= 2 && c == 4;
  const bool year_first = a == 4 && b == 2 && c == 2;
  const std::size_t end = pos + a + b + c + 2;
  // "06.39.9821.22" begins like a date; a date is not followed by more of the same.
  if (at(text, end) == mark && is_digit(at(text, end + 1))) return pos;
  return day_first || year_first ? end : pos;
}

}  // namespace

NumberMatch match_number(std::string_view text, std::size_t pos) {
  const std::size_t start = pos;
  const bool plus = at(text, pos) == '+';
  if (plus) ++pos;
  if (!is_digit(at(text, pos))) return {start, false};
  if (!plus && date_end(text, pos) > pos) return {start, false};

  std::string digits;
  std::size_t end = pos;
  std::size_t longest = 0;
  std::size_t group = 0;
  while (true) {
    if (is_digit(at(text, pos))) {
      digits += text[pos++];
      longest = std::max(longest, ++group);
      end = pos;
      continue;
    }
    // Corsica in a social security number: 1 85 05 2A 006 084 36.
    const char c = at(text, pos);
    if (digits.size() == 6 && digits.back() == '2' && (c == 'A' || c == 'B') && !is_ascii_letter(at(text, pos + 1))) {
      end = ++pos;
      continue;
    }
    group = 0;
    std::size_t gap = pos;
    for (int n = 0; n < 3; ++n) gap += separator_at(text, gap);
    if (gap == pos || !is_digit(at(text, gap)) || date_end(text, gap) > gap) break;
    pos = gap;
  }
  if (is_ascii_letter(at(text, end)) && digits.size() < kLongNumber) return {start, false};
  const bool telephone = (plus && digits.size() >= kShortestPhone) ||
                         (digits.size() >= 10 && (digits.substr(0, 2) == "00" || digits.substr(0, 2) == "33")) ||
                         (digits.size() >= 10 && digits[0] == '0' && digits.size() % 10 == 0);
  if (telephone || digits.size() >= kLongNumber || longest >= kLongGroup) return {end, telephone};
  return {start, false};
}

std::size_t match_bank_account(std::string_view text, std::size_t pos) {
  if (!is_ascii_letter(at(text, pos)) || !is_ascii_letter(at(text, pos + 1)) || !is_digit(at(text, pos + 2)) ||
      !is_digit(at(text, pos + 3)))
    return pos;
  std::size_t count = 0;
  std::size_t end = pos;
  for (std::size_t i = pos; count < 34;) {
    std::size_t group = i;
    bool has_digit = false;
    for (; is_alnum(at(text, group)) && count + (group - i) < 34; ++group)
      has_digit = has_digit || is_digit(text[group]);
    if (group == i || !has_digit) break;
    count += group - i;
    end = group;
    const std::size_t gap = separator_at(text, group);
    if (gap == 0) break;
    i = group + gap;
  }
  return count >= 15 && !is_alnum(at(text, end)) ? end : pos;
}

std::size_t match_reference(std::string_view text, std::size_t pos) {
  std::size_t letters = pos;
  while (is_ascii_letter(at(text, letters)) && letters - pos < 6) ++letters;
  if (letters - pos >= 2 && letters - pos <= 5 && at(text, letters) == '-') {
    const std::size_t digits = digits_from(text, letters + 1);
    const std::size_t after = letters + 1 + digits;
    if (digits >= 4 && !is_alnum(at(text, after))) return after;  // BEN-00001
    if (letters - pos == 2 && digits == 3 && at(text, after) == '-' && is_ascii_letter(at(text, after + 1)) &&
        is_ascii_letter(at(text, after + 2)) && !is_alnum(at(text, after + 3)))
      return after + 3;  // AB-123-CD
  }
  std::size_t end = pos;
  std::size_t digits = 0;
  for (; is_alnum(at(text, end)); ++end)
    if (is_digit(text[end])) ++digits;
  return end - pos >= 7 && digits >= 4 && digits < end - pos ? end : pos;  // 12AB34567
}

std::size_t match_spelled_telephone(std::string_view text, std::size_t pos) {
  constexpr std::string_view kNumbers[] = {
      "zero",     "un",        "deux",     "trois",    "quatre",   "cinq",    "six",     "sept",  "huit",   "neuf",
      "dix",      "onze",      "douze",    "treize",   "quatorze", "quinze",  "seize",   "vingt", "vingts", "trente",
      "quarante", "cinquante", "soixante", "septante", "huitante", "octante", "nonante", "et"};
  std::size_t count = 0;
  std::size_t end = pos;
  for (std::size_t i = pos; i < text.size();) {
    const std::size_t stop = end_of_word(text, i);
    const std::string word = fold(text.substr(i, stop - i));
    if (count == 0 && word != "zero") break;
    if (std::find(std::begin(kNumbers), std::end(kNumbers), word) == std::end(kNumbers)) break;
    ++count;
    end = stop;
    std::size_t gap = stop;
    for (int n = 0; n < 2; ++n) gap += at(text, gap) == ',' ? 1 : separator_at(text, gap);
    if (gap == stop) break;
    i = gap;
  }
  return count >= 5 ? end : pos;
}

}  // namespace egide::policies
