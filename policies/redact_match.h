// What redact_free_text recognises. Each matcher looks at the beginning of a word and gives the end of what it took, or
// `pos` where there is nothing. They lean towards taking too much.
#pragma once

#include <cstddef>
#include <string_view>

namespace egide::policies {

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_ascii_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_alnum(char c) noexcept { return is_digit(c) || is_ascii_letter(c); }
inline char at(std::string_view text, std::size_t pos) noexcept { return pos < text.size() ? text[pos] : '\0'; }
// The end of the run of letters that begins at `pos`.
std::size_t end_of_word(std::string_view text, std::size_t pos) noexcept;

// redact.cpp
std::size_t match_link(std::string_view text, std::size_t pos);
std::size_t match_email(std::string_view text, std::size_t pos);

// redact_numbers.cpp
struct NumberMatch {
  std::size_t end;
  bool telephone;
};
NumberMatch match_number(std::string_view text, std::size_t pos);        // telephone, social security, bank card...
std::size_t match_bank_account(std::string_view text, std::size_t pos);  // IBAN
std::size_t match_reference(std::string_view text, std::size_t pos);     // plate, passport, file number
std::size_t match_spelled_telephone(std::string_view text, std::size_t pos);  // "zéro six douze..."

}  // namespace egide::policies
