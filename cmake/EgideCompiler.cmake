# One interface target with the flags every module shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(EGIDE_WERROR "Treat warnings as errors" OFF)
set(EGIDE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

find_program(EGIDE_CCACHE ccache)
if(EGIDE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${EGIDE_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${EGIDE_CCACHE}")
endif()

add_library(egide_flags INTERFACE)
target_compile_options(egide_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough
  -fstack-protector-strong -fno-omit-frame-pointer
  $<$<BOOL:${EGIDE_WERROR}>:-Werror>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(egide_flags INTERFACE -fcf-protection=full)
endif()
target_compile_definitions(egide_flags INTERFACE
  JSON_USE_IMPLICIT_CONVERSIONS=0)
if(NOT EGIDE_SANITIZE)  # the sanitizers bring their own checks of these functions
  target_compile_definitions(egide_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_link_options(egide_flags INTERFACE -Wl,-z,relro,-z,now)

if(EGIDE_SANITIZE)
  # Every object must carry the same instrumentation, third-party C included.
  add_compile_options(-fsanitize=${EGIDE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EGIDE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The instrumentation hides initialisations from this warning (GCC bug 105562); the plain presets keep it.
    target_compile_options(egide_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
