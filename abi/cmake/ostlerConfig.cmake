# find_package(ostler): the target ostler::abi (headers) and ostler_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/ostlerTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/OstlerPlugin.cmake)
