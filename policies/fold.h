// Text made comparable: lower case, without accents. Latin letters only; others come back as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace egide::policies {

// The code point at `pos`, which moves past it. Ill-formed bytes come back one by one.
char32_t next_code_point(std::string_view text, std::size_t& pos) noexcept;
bool is_letter(char32_t c) noexcept;  // ASCII letters, and everything above that is not punctuation or space
// "Zoé" and "ZOE" -> "zoe", "Cœur" -> "coeur". Combining accents are dropped.
std::string fold(std::string_view text);

}  // namespace egide::policies
