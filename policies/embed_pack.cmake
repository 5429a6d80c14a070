# cmake -DINPUT=pack.json -DOUTPUT=bundled.cpp -DNAME=dir/pack.json -P embed_pack.cmake
#
# Writes the JSON as raw string literals of some 15 kB, cut at line ends: compilers need not take a literal beyond
# 65,536 characters, and a cut inside a UTF-8 sequence is a warning.
file(READ "${INPUT}" rest)
string(LENGTH "${rest}" left)
if("${rest}" MATCHES "\\)pack\"")
  message(FATAL_ERROR "${INPUT} holds the end mark of the literals")
endif()
set(chunks "")
while(left GREATER 0)
  set(take ${left})
  if(left GREATER 15000)
    string(SUBSTRING "${rest}" 0 15000 head)
    string(FIND "${head}" "\n" last REVERSE)
    if(last LESS 0)
      message(FATAL_ERROR "${INPUT} has a line longer than 15,000 bytes")
    endif()
    math(EXPR take "${last} + 1")
  endif()
  string(SUBSTRING "${rest}" 0 ${take} head)
  string(SUBSTRING "${rest}" ${take} -1 rest)
  string(LENGTH "${rest}" left)
  string(APPEND chunks "    R\"pack(${head})pack\",\n")
endwhile()
file(WRITE "${OUTPUT}" "// Made by embed_pack.cmake from ${NAME}.
#include <string>
#include <string_view>

#include \"egide/policies/pack.h\"

namespace egide::policies {
namespace {

constexpr std::string_view kChunks[] = {
${chunks}};

}  // namespace

const std::vector<PackFile>& bundled_pack_files() {
  static const std::vector<PackFile> files = [] {
    PackFile file;
    file.name = \"${NAME}\";
    for (const std::string_view chunk : kChunks) file.text += chunk;
    return std::vector<PackFile>(1, file);
  }();
  return files;
}

}  // namespace egide::policies
")
