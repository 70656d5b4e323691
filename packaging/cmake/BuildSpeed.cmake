# What makes a clean build short: precompiled headers and joined sources.
#
# Most of the time of a build goes into reading the same headers and instantiating the
# same templates for each file. Two remedies, each with a switch:
#
# OSTLER_UNITY  Sources of one library are compiled some at a time, as one file. That
#               takes about a third of the time. Names in anonymous namespaces then meet:
#               where two files of a library clash, rename, or set the source's property
#               SKIP_UNITY_BUILD_INCLUSION. The presets debug and clang do without, which
#               also finds files that forgot an include.
# OSTLER_PCH    One precompiled header for all libraries and one for all tests. g++ only.
#               Sharing needs the same code generation flags (hence one with -fPIC and one
#               with -fPIE). nlohmann/json is not in it: that costs each file that does not
#               use it more than it saves the others. A target with flags of its own opts
#               out with the property DISABLE_PRECOMPILE_HEADERS.
# Tests' own code need not be fast; what they test keeps its optimisation.
set(OSTLER_TEST_OPTIMISATION $<$<CONFIG:Release>:-O1>)

option(OSTLER_UNITY "Compile several sources of a library as one" OFF)
option(OSTLER_PCH "Precompile heavy headers (g++ only)" ON)

function(ostler_add_precompiled name)
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE ostler_options)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

function(ostler_collect_targets folder result)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS folders)
    ostler_collect_targets(${child} more)
    list(APPEND targets ${more})
  endforeach()
  set(${result} ${targets} PARENT_SCOPE)
endfunction()

# Called once all targets exist.
function(ostler_speed_up_build)
  ostler_collect_targets(${PROJECT_SOURCE_DIR} targets)
  set(precompile OFF)
  if(OSTLER_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(precompile ON)
    set(standard <algorithm> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <span> <sstream> <string>
      <string_view> <unordered_map> <variant> <vector>)
    ostler_add_precompiled(ostler_pch ${standard})
    if(BUILD_TESTING)
      find_package(GTest REQUIRED)
      ostler_add_precompiled(ostler_test_pch ${standard} <gmock/gmock.h> <gtest/gtest.h>)
      target_link_libraries(ostler_test_pch PRIVATE GTest::gmock)
      set_target_properties(ostler_test_pch PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(ostler_test_pch PRIVATE -fPIE ${OSTLER_TEST_OPTIMISATION})
    endif()
  endif()

  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(sources ${target} SOURCES)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT sources MATCHES "\\.cpp")
      continue()
    endif()
    if(type MATCHES "^(STATIC_LIBRARY|MODULE_LIBRARY)$")
      get_target_property(unity ${target} UNITY_BUILD)
      if(OSTLER_UNITY AND unity STREQUAL "unity-NOTFOUND")
        # Six: enough to share the headers, and still some work for each processor.
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
        # g++ takes members whose types are in the file's anonymous namespace for a header's.
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
      endif()
      if(precompile)
        target_precompile_headers(${target} REUSE_FROM ostler_pch)
      endif()
    elseif(type STREQUAL "EXECUTABLE" AND precompile AND "GTest::gmock" IN_LIST libraries)
      target_precompile_headers(${target} REUSE_FROM ostler_test_pch)
    endif()
  endforeach()
endfunction()
