# pinion_layer(NAME [DEPENDS LAYER...] [LINK TARGET...] [LINK_PRIVATE TARGET...])
#
# Declares the layer in the current folder; the suffix of a file says what becomes of it:
#
#   *.cc          the static library pinion_NAME (main.cc is left to the caller)
#   *_test.cc     one GoogleTest program, NAME_test, known to ctest under that name
#   *_bench.cc    one Google Benchmark program, NAME_bench, if PINION_BENCHMARKS
#
# Subfolders belong to the layer. New files are found by the next build on its own.
# DEPENDS names the layers it may include; LINK and LINK_PRIVATE other targets.
# Includes are written from the roots src/ and include/; test support from the
# project's root ("tests/support/...").
function(pinion_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LINK;LINK_PRIVATE")

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cc")
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

  if(NOT sources)
    # A library needs a source: until the layer has one, this stands in.
    file(GENERATE OUTPUT ${name}_empty.cc CONTENT "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cc)
  endif()

  list(TRANSFORM arg_DEPENDS PREPEND pinion_)
  add_library(pinion_${name} STATIC ${sources})
  target_include_directories(pinion_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  target_compile_features(pinion_${name} PUBLIC cxx_std_20)
  target_link_libraries(pinion_${name}
    PUBLIC ${arg_DEPENDS} ${arg_LINK} PRIVATE ${arg_LINK_PRIVATE})

  if(PINION_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE
      pinion_${name} ${arg_LINK_PRIVATE} pinion_test_support GTest::gmock_main)
    # One ctest entry a program: starting it once a test case would cost more than the tests.
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()

  if(PINION_BENCHMARKS AND benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE
      pinion_${name} ${arg_LINK_PRIVATE} benchmark::benchmark_main)
  endif()
endfunction()
