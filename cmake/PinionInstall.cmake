# The installed libraries, for find_package(pinion COMPONENTS pipeline server):
#
#   pinion::pipeline   the pipeline: needs Arrow
#   pinion::server     the embedded server: needs DuckDB and gRPC too

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(pinion_server INTERFACE)
target_link_libraries(pinion_server INTERFACE pinion_flight)

function(install_component component)
  foreach(layer IN LISTS ARGN)
    set_target_properties(pinion_${layer} PROPERTIES EXPORT_NAME ${layer})
    install(TARGETS pinion_${layer} EXPORT pinion-${component})
  endforeach()
  install(EXPORT pinion-${component} NAMESPACE pinion::
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pinion)
endfunction()

install_component(pipeline base data pipeline)
install_component(server engine flight server)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

write_basic_package_version_file(pinionConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_SOURCE_DIR}/cmake/pinionConfig.cmake
        ${PROJECT_SOURCE_DIR}/cmake/FindDuckDB.cmake
        ${PROJECT_BINARY_DIR}/pinionConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pinion)
