# ostler_add_plugin(NAME SOURCES a.cpp ... [LIBRARIES ...])
#
# Builds NAME.so the way the contract wants a plugin (R11, R12): hidden visibility,
# one exported symbol, everything resolved at load, no RPATH.
function(ostler_add_plugin name)
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.exports)
  cmake_parse_arguments(PLUGIN "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  target_link_libraries(${name} PRIVATE ostler::abi ${PLUGIN_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    SKIP_BUILD_RPATH ON SKIP_INSTALL_RPATH ON
    LINK_DEPENDS ${exports})
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${exports} -Wl,-z,now -Wl,-z,relro)
  # Sanitizers leave their runtime to the program, so nothing can be demanded then.
  if(NOT OSTLER_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
