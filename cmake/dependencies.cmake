# Third-party libraries, all from Debian packages but DuckDB (tools/setup puts it below build/deps).

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
find_library(ISAL_LIBRARY isal REQUIRED)
if(TIDEMILL_TESTS)
  find_package(GTest REQUIRED)
endif()

# DuckDB: a system library wins; else the one tools/setup fetched.
set(TIDEMILL_DEPS_DIR ${PROJECT_SOURCE_DIR}/build/deps CACHE PATH "Where tools/setup put what Debian does not package")
find_path(DUCKDB_INCLUDE_DIR duckdb.h HINTS ${TIDEMILL_DEPS_DIR}/duckdb)
find_library(DUCKDB_LIBRARY duckdb HINTS ${TIDEMILL_DEPS_DIR}/duckdb)
if(NOT DUCKDB_INCLUDE_DIR OR NOT DUCKDB_LIBRARY)
  message(FATAL_ERROR "libduckdb.so and duckdb.h are missing below ${TIDEMILL_DEPS_DIR}/duckdb: run tools/setup")
endif()
add_library(tidemill_duckdb_binary SHARED IMPORTED)
set_target_properties(tidemill_duckdb_binary PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY} INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR}
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR} IMPORTED_NO_SONAME TRUE)
