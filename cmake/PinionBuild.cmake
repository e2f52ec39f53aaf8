# How every target here is compiled: standard, warnings, sanitizers, linker, compiler cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)  # for clang-tidy and editors
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)    # none here, and scanning costs a process a file
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_compile_options(
  -Wall -Wextra
  $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wthread-safety>
  # What GCC finds of this kind lies inside of the standard library's std::stop_token.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

if(PINION_SANITIZE)
  # -fno-sanitize-recover: a finding of UBSan fails the test instead of printing a line.
  add_compile_options(-fsanitize=${PINION_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PINION_SANITIZE})
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=mold PINION_HAVE_MOLD)
if(PINION_HAVE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(PINION_CCACHE ccache)
mark_as_advanced(PINION_CCACHE)
if(PINION_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PINION_CCACHE})
endif()
