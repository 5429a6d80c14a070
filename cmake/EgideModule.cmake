# egide_module(NAME audit LAYER 2 SOURCES a.cpp HEADERS x.h DEPS base crypto PRIVATE_DEPS OpenSSL::Crypto)
#
# Makes the static library egide_<NAME> (alias egide::<NAME>), stops the configuration when a
# dependency is not on a lower layer, and compiles each public header alone.
# HEADERS are relative to include/egide/<NAME>/.
function(egide_module)
  cmake_parse_arguments(M "" "NAME;LAYER" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "egide_module(${M_NAME}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  set(target egide_${M_NAME})
  add_library(${target} STATIC ${M_SOURCES})
  add_library(egide::${M_NAME} ALIAS ${target})
  set_property(GLOBAL PROPERTY EGIDE_LAYER_${M_NAME} ${M_LAYER})

  foreach(dep IN LISTS M_DEPS)
    get_property(dep_layer GLOBAL PROPERTY EGIDE_LAYER_${dep})
    if("${dep_layer}" STREQUAL "")
      message(FATAL_ERROR "egide::${M_NAME} names the module '${dep}', which does not exist below it")
    endif()
    if(NOT dep_layer LESS ${M_LAYER})
      message(FATAL_ERROR
        "Layer violation: egide::${M_NAME} (L${M_LAYER}) may not use egide::${dep} (L${dep_layer})")
    endif()
    target_link_libraries(${target} PUBLIC egide::${dep})
  endforeach()

  target_include_directories(${target}
    PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/include"
    PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC egide_flags PRIVATE ${M_PRIVATE_DEPS})

  set(checks "")
  foreach(header IN LISTS M_HEADERS)
    string(MAKE_C_IDENTIFIER "${header}" id)
    set(check "${CMAKE_CURRENT_BINARY_DIR}/header_alone/${id}.cpp")
    set(content "#include \"egide/${M_NAME}/${header}\"  // NOLINT\n")
    set(previous "")
    if(EXISTS "${check}")
      file(READ "${check}" previous)
    endif()
    if(NOT previous STREQUAL content)
      file(WRITE "${check}" "${content}")
    endif()
    list(APPEND checks "${check}")
  endforeach()
  if(checks)
    add_library(${target}_headers OBJECT ${checks})
    target_link_libraries(${target}_headers PRIVATE egide::${M_NAME})
  endif()
endfunction()

# egide_test(NAME crypto SOURCES a_test.cpp DEPS crypto): one GoogleTest executable, one CTest test a case.
function(egide_test)
  cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS;DEFINITIONS" ${ARGN})
  set(target egide_${T_NAME}_tests)
  add_executable(${target} ${T_SOURCES})
  foreach(dep IN LISTS T_DEPS)
    if(TARGET egide::${dep})
      target_link_libraries(${target} PRIVATE egide::${dep})
    else()
      target_link_libraries(${target} PRIVATE ${dep})
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE egide_flags egide_test_support GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE
    EGIDE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" EGIDE_BINARY="${PROJECT_BINARY_DIR}/egide" ${T_DEFINITIONS})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_NAME};${T_LABELS}")
endfunction()
