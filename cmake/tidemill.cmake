# One function per kind of target; lists in the folders hold nothing else.

add_library(tidemill_flags INTERFACE)
target_include_directories(tidemill_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(tidemill_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch -Wthread-safety
  # TRY() is a statement expression: a Clang extension on purpose.
  -Wno-gnu-statement-expression-from-macro-expansion)
target_compile_definitions(tidemill_flags INTERFACE
  TIDEMILL_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_BEAST_USE_STD_STRING_VIEW)
if(TIDEMILL_WERROR)
  target_compile_options(tidemill_flags INTERFACE -Werror)
endif()
if(TIDEMILL_SANITIZE)
  target_compile_options(tidemill_flags INTERFACE -fsanitize=${TIDEMILL_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tidemill_flags INTERFACE -fsanitize=${TIDEMILL_SANITIZE})
  if(TIDEMILL_SANITIZE MATCHES "undefined")
    target_compile_options(tidemill_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()
target_link_options(tidemill_flags INTERFACE -fuse-ld=lld)

# Headers that most sources include, parsed once: a third of a clean build's time. The dev preset goes without, so that a source
# names what it uses.
option(TIDEMILL_PCH "Use precompiled headers" OFF)
if(TIDEMILL_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/common.cc "")
  set(common_headers <algorithm> <array> <charconv> <chrono> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <unordered_map> <variant> <vector> <fmt/format.h>)
  # Asio's headers need runtime/ to link: for the folders above it.
  set(common_task_headers ${common_headers} <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp>)
  foreach(name common common_task)
    add_library(tidemill_${name} STATIC ${CMAKE_BINARY_DIR}/common.cc)
    target_link_libraries(tidemill_${name} PRIVATE tidemill_flags fmt::fmt Boost::headers)
    target_compile_options(tidemill_${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(tidemill_${name} PRIVATE ${${name}_headers})
  endforeach()
  if(TIDEMILL_TESTS)
    # A program, for code of programs is compiled otherwise than that of libraries (-fPIE).
    add_executable(tidemill_common_test EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/common.cc)
    target_link_libraries(tidemill_common_test PRIVATE tidemill_flags fmt::fmt GTest::gmock GTest::gtest_main)
    target_compile_options(tidemill_common_test PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(tidemill_common_test PRIVATE
      <algorithm> <map> <memory> <optional> <string> <vector> <fmt/format.h> <gmock/gmock.h>)
  endif()
endif()

# tidemill_library(broker SOURCES a.cc DEPS base runtime LIBS Boost::headers)
#   DEPS: our folders (public, for their headers); LIBS: third-party, private to this folder; PRECOMPILE: headers that most of its
#   sources include, in place of the common ones.
function(tidemill_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBS;PUBLIC_LIBS;PRECOMPILE" ${ARGN})
  add_library(tidemill_${name} STATIC ${arg_SOURCES})
  list(TRANSFORM arg_DEPS PREPEND tidemill_)
  target_link_libraries(tidemill_${name} PUBLIC tidemill_flags ${arg_DEPS} ${arg_PUBLIC_LIBS} PRIVATE ${arg_LIBS})
  if(TIDEMILL_PCH AND arg_PRECOMPILE)
    target_precompile_headers(tidemill_${name} PRIVATE ${arg_PRECOMPILE})
    target_compile_options(tidemill_${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  elseif(TIDEMILL_PCH AND "tidemill_runtime" IN_LIST arg_DEPS)
    target_precompile_headers(tidemill_${name} REUSE_FROM tidemill_common_task)
  elseif(TIDEMILL_PCH)
    target_precompile_headers(tidemill_${name} REUSE_FROM tidemill_common)
  endif()
endfunction()

# glibc gives large blocks back at once and clears them anew each time; the sanitizers bring their own malloc.
add_library(tidemill_malloc INTERFACE)
if(NOT TIDEMILL_SANITIZE)
  target_link_libraries(tidemill_malloc INTERFACE ${JEMALLOC_LIBRARY})
endif()

# tidemill_program(tidemill SOURCES main.cc DEPS ...): an executable at the top of the build folder.
function(tidemill_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_DEPS PREPEND tidemill_)
  target_link_libraries(${name} PRIVATE tidemill_malloc ${arg_DEPS} ${arg_LIBS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()

# tidemill_test(broker SOURCES a_test.cc DEPS broker [LABEL unit] [LIBS ...]): one binary per folder.
function(tidemill_test name)
  if(NOT TIDEMILL_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;DEPS;LIBS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(tidemill_${name}_test ${arg_SOURCES})
  list(TRANSFORM arg_DEPS PREPEND tidemill_)
  target_link_libraries(tidemill_${name}_test PRIVATE ${arg_DEPS} ${arg_LIBS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(tidemill_${name}_test PRIVATE TIDEMILL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(TIDEMILL_PCH)
    target_precompile_headers(tidemill_${name}_test REUSE_FROM tidemill_common_test)
  endif()
  add_test(NAME ${name} COMMAND tidemill_${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# tidemill_fuzz(kafka_request SOURCES kafka_request_fuzz.cc DEPS wire_kafka): libFuzzer target, 30 s smoke in CTest.
function(tidemill_fuzz name)
  if(NOT TIDEMILL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(tidemill_${name}_fuzz ${arg_SOURCES})
  list(TRANSFORM arg_DEPS PREPEND tidemill_)
  target_link_libraries(tidemill_${name}_fuzz PRIVATE ${arg_DEPS} ${arg_LIBS})
  target_link_options(tidemill_${name}_fuzz PRIVATE -fsanitize=fuzzer)
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  if(NOT EXISTS ${corpus})
    set(corpus "")
  endif()
  add_test(NAME fuzz_${name}
    COMMAND tidemill_${name}_fuzz -max_total_time=${TIDEMILL_FUZZ_SECONDS} -rss_limit_mb=2048 -timeout=10
            -print_final_stats=1 corpus_${name} ${corpus})
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/corpus_${name})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 300
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  set_property(TEST fuzz_${name} PROPERTY ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1")
endfunction()
set(TIDEMILL_FUZZ_SECONDS 30 CACHE STRING "Seconds each fuzz target runs in CTest")

function(tidemill_bench name)
  if(NOT TIDEMILL_BENCH)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(tidemill_${name}_bench ${arg_SOURCES})
  list(TRANSFORM arg_DEPS PREPEND tidemill_)
  target_link_libraries(tidemill_${name}_bench PRIVATE tidemill_malloc ${arg_DEPS} ${arg_LIBS})
endfunction()
