#include "fold.h"

namespace egide::policies {
namespace {

// U+00C0 to U+017F, one base letter each; '*' where a letter is two ('&' ae, '%' oe, '$' ss, '#' th, '!' ij) or none.
constexpr std::string_view kLatin =
    "aaaaaa&ceeeeiiiidnooooo*ouuuuy#$aaaaaa&ceeeeiiiidnooooo*ouuuuy#y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii!!jjkkklllllll"
    "lllnnnnnnnnnoooooo%%rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

void append_folded(std::string& out, char32_t c, std::string_view raw) {
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    out += ascii >= 'A' && ascii <= 'Z' ? static_cast<char>(ascii - 'A' + 'a') : ascii;
  } else if (c >= 0x300 && c <= 0x36f) {
    return;  // combining accents
  } else if (c >= 0xc0 && c < 0xc0 + kLatin.size()) {
    switch (const char base = kLatin[c - 0xc0]) {
      case '&':
        out += "ae";
        break;
      case '%':
        out += "oe";
        break;
      case '$':
        out += "ss";
        break;
      case '#':
        out += "th";
        break;
      case '!':
        out += "ij";
        break;
      case '*':
        out += raw;
        break;
      default:
        out += base;
    }
  } else {
    out += raw;
  }
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& pos) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(pos++);
  std::size_t extra = 0;
  char32_t value = lead;
  if (lead >= 0xc2 && lead <= 0xdf) {
    extra = 1;
    value = lead & 0x1fU;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    extra = 2;
    value = lead & 0x0fU;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    extra = 3;
    value = lead & 0x07U;
  }
  if (pos + extra > text.size()) return lead;
  for (std::size_t i = 0; i < extra; ++i) {
    if ((byte(pos + i) & 0xc0U) != 0x80U) return lead;
    value = (value << 6U) | (byte(pos + i) & 0x3fU);
  }
  pos += extra;
  return value;
}

bool is_letter(char32_t c) noexcept {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c < 0xc0 || c == 0xd7 || c == 0xf7) return false;
  if (c >= 0x2000 && c <= 0x2bff) return false;  // punctuation, spaces, symbols, arrows
  if (c >= 0x3000 && c <= 0x303f) return false;
  return c < 0x1f000;  // emoji
}

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t start = pos;
    const char32_t c = next_code_point(text, pos);
    append_folded(out, c, text.substr(start, pos - start));
  }
  return out;
}

}  // namespace egide::policies
