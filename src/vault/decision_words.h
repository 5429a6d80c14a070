// The codes of a decision in words, in French or English; what is not known is given back as it is.
#pragma once

#include <string>
#include <string_view>

namespace egide::vault {

std::string words_for(std::string_view code, bool french);

}  // namespace egide::vault
