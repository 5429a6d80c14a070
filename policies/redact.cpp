#include <algorithm>
#include <set>
#include <string>

#include "egide/policies/transform.h"
#include "fold.h"
#include "redact_match.h"

namespace egide::policies {
namespace {

constexpr std::string_view kName = "[nom]";
constexpr std::string_view kEmail = "[courriel]";
constexpr std::string_view kTelephone = "[t\xc3\xa9l\xc3\xa9phone]";
constexpr std::string_view kLink = "[lien]";
constexpr std::string_view kNumber = "[num\xc3\xa9ro]";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::size_t pos, std::string_view what) {
  if (text.size() - std::min(pos, text.size()) < what.size()) return false;
  for (std::size_t i = 0; i < what.size(); ++i)
    if (lower(text[pos + i]) != what[i]) return false;
  return true;
}

bool is_mail_char(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Letters, digits, hyphens and points; a point or hyphen at the end belongs to the sentence.
std::size_t domain_end(std::string_view text, std::size_t pos) {
  std::size_t end = pos;
  while (is_alnum(at(text, end)) || at(text, end) == '.' || at(text, end) == '-' ||
         static_cast<unsigned char>(at(text, end)) >= 0x80)
    ++end;
  while (end > pos && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return end;
}

// "example point org", "example (dot) org"
std::size_t spelled_domain_end(std::string_view text, std::size_t pos) {
  std::size_t end = domain_end(text, pos);
  for (bool more = end > pos; more;) {
    more = false;
    for (const std::string_view dot : {" point ", " dot ", "(point)", "(dot)", "[dot]", " (dot) ", " [dot] "}) {
      if (!begins_with(text, end, dot)) continue;
      const std::size_t next = domain_end(text, end + dot.size());
      if (next == end + dot.size()) continue;
      end = next;
      more = true;
      break;
    }
  }
  return end;
}

// The names as single folded words. Particles stand in every text: they count only in a name that has nothing else.
std::set<std::string> words_of(const std::vector<std::string>& names) {
  static const std::set<std::string> particles = {"de",  "du",  "des", "le", "la",  "les", "el", "al",  "van", "von",
                                                  "der", "den", "di",  "da", "dos", "do",  "et", "and", "ben", "bin"};
  std::set<std::string> out;
  for (const std::string& name : names) {
    std::set<std::string> words;
    bool only_particles = true;
    for (std::size_t pos = 0; pos < name.size();) {
      const std::size_t end = end_of_word(name, pos);
      if (end == pos) {
        next_code_point(name, pos);
        continue;
      }
      std::string word = fold(std::string_view(name).substr(pos, end - pos));
      pos = end;
      if (word.size() < 2) continue;
      only_particles = only_particles && particles.contains(word);
      words.insert(std::move(word));
    }
    for (const std::string& word : words)
      if (only_particles || !particles.contains(word)) out.insert(word);
  }
  return out;
}

class Redactor {
 public:
  Redactor(std::string_view text, const std::vector<std::string>& known_names)
      : text_(text), names_(words_of(known_names)) {}

  std::string run() {
    bool inside_word = false;
    for (std::size_t pos = 0; pos < text_.size();) {
      if (!inside_word) {
        const std::size_t end = replace_at(pos);
        if (end > pos) {
          pos = end;
          continue;
        }
      }
      const std::size_t start = pos;
      const char32_t c = next_code_point(text_, pos);
      inside_word = is_letter(c) || (c >= '0' && c <= '9');
      out_.append(text_.substr(start, pos - start));
    }
    return std::move(out_);
  }

 private:
  // Replaces what begins at `pos` and gives its end, or `pos`.
  std::size_t replace_at(std::size_t pos) {
    if (const auto end = match_email(text_, pos); end > pos) return put(kEmail, end);
    if (const auto end = match_link(text_, pos); end > pos) return put(kLink, end);
    if (const auto end = match_bank_account(text_, pos); end > pos) return put(kNumber, end);
    if (const auto found = match_number(text_, pos); found.end > pos)
      return put(found.telephone ? kTelephone : kNumber, found.end);
    if (const auto end = match_reference(text_, pos); end > pos) return put(kNumber, end);
    if (const auto end = match_spelled_telephone(text_, pos); end > pos) return put(kTelephone, end);
    const std::size_t end = end_of_word(text_, pos);
    if (end > pos && names_.contains(fold(text_.substr(pos, end - pos)))) return put_name(end);
    return pos;
  }

  std::size_t put(std::string_view mark, std::size_t end) {
    out_.append(mark);
    return end;
  }

  // "Zoé Martin" and "Jean-Pierre" become one mark: how many words a name has is nobody's business either.
  std::size_t put_name(std::size_t end) {
    if (out_.size() > kName.size()) {
      const std::size_t before = out_.size() - 1;
      const bool joined = (out_[before] == ' ' || out_[before] == '-' || out_[before] == '\'') &&
                          std::string_view(out_).substr(before - kName.size(), kName.size()) == kName;
      if (joined) {
        out_.pop_back();
        return end;
      }
    }
    return put(kName, end);
  }

  std::string_view text_;
  std::set<std::string> names_;
  std::string out_;
};

}  // namespace

std::size_t end_of_word(std::string_view text, std::size_t pos) noexcept {
  while (pos < text.size()) {
    std::size_t next = pos;
    if (!is_letter(next_code_point(text, next))) break;
    pos = next;
  }
  return pos;
}

std::size_t match_email(std::string_view text, std::size_t pos) {
  std::size_t end = pos;
  while (end < text.size() && is_mail_char(text[end])) ++end;
  if (at(text, end) == '@') {
    // "@zoe_m" too: what stands for a person on another site is no less an address.
    std::size_t last = domain_end(text, end + 1);
    while (at(text, last) == '_') last = std::max(last + 1, domain_end(text, last + 1));
    return last > end + 1 ? last : pos;
  }
  if (end == pos) return pos;
  for (const std::string_view sign : {" (at) ", " [at] ", "(at)", "[at]", " arobase ", " (arobase) ", "(arobase)"}) {
    if (!begins_with(text, end, sign)) continue;
    const std::size_t domain = spelled_domain_end(text, end + sign.size());
    if (domain > end + sign.size()) return domain;
  }
  return pos;
}

std::size_t match_link(std::string_view text, std::size_t pos) {
  const auto rest_of_link = [&](std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' && text[end] != '<' && text[end] != '>' &&
           text[end] != '"')
      ++end;
    while (end > from && std::string_view(".,;:!?)]").find(text[end - 1]) != std::string_view::npos) --end;
    return end;
  };
  for (const std::string_view scheme : {"http://", "https://", "ftp://", "www."})
    if (begins_with(text, pos, scheme)) return rest_of_link(pos + scheme.size());
  if (!is_alnum(at(text, pos))) return pos;
  // A name with a usual ending: "facebook.com/zoe".
  const std::size_t end = domain_end(text, pos);
  const auto dot = text.substr(pos, end - pos).rfind('.');
  if (dot == std::string_view::npos || dot == 0) return pos;
  std::string ending;
  for (const char c : text.substr(pos + dot + 1, end - pos - dot - 1)) ending += lower(c);
  for (const std::string_view known : {"fr", "com", "org", "net", "eu", "info", "io", "be", "ch", "lu", "re", "bzh",
                                       "asso", "me", "app", "gouv", "example"})
    if (ending == known) return rest_of_link(end);
  return pos;
}

std::string redact_free_text(std::string_view text, const std::vector<std::string>& known_names) {
  return Redactor(text, known_names).run();
}

}  // namespace egide::policies
