# find_package(pinion [COMPONENTS pipeline|server...]): see PinionInstall.cmake.
# Without COMPONENTS it finds both.
include(CMakeFindDependencyMacro)

if(NOT pinion_FIND_COMPONENTS)
  set(pinion_FIND_COMPONENTS pipeline server)
endif()

find_dependency(Threads)
find_dependency(ArrowFlight 25)
find_dependency(ArrowAcero)
find_dependency(ArrowDataset)
find_dependency(Parquet)
include(${CMAKE_CURRENT_LIST_DIR}/pinion-pipeline.cmake)
set(pinion_pipeline_FOUND TRUE)

if("server" IN_LIST pinion_FIND_COMPONENTS)
  list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
  find_dependency(DuckDB 2)
  list(POP_BACK CMAKE_MODULE_PATH)
  find_dependency(ArrowFlightSql 25)
  find_dependency(nlohmann_json)
  find_dependency(Protobuf)
  find_dependency(gRPC CONFIG)
  include(${CMAKE_CURRENT_LIST_DIR}/pinion-server.cmake)
  set(pinion_server_FOUND TRUE)
endif()

foreach(component IN LISTS pinion_FIND_COMPONENTS)
  if(pinion_FIND_REQUIRED_${component} AND NOT pinion_${component}_FOUND)
    set(pinion_FOUND FALSE)
    set(pinion_NOT_FOUND_MESSAGE "pinion has no component '${component}'")
  endif()
endforeach()
