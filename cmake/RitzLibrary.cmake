# The shared library with its public symbols only, and how other projects find it.
set(ritz_library_name $<IF:$<BOOL:${RITZ_WITH_MPI}>,ritz_mpi,ritz>)
add_library(ritz SHARED $<TARGET_OBJECTS:ritz_objects> ${ritz_variant_objects})
add_library(ritz::ritz ALIAS ritz)
set_target_properties(ritz PROPERTIES OUTPUT_NAME ${ritz_library_name}
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(ritz PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(ritz PRIVATE $<BUILD_INTERFACE:ritz_flags> $<BUILD_INTERFACE:ritz_dependencies>)
# Static libxsmm must not leak its own symbols, nor we our internal ones.
target_link_options(ritz PRIVATE -Wl,--exclude-libs,ALL -Wl,--no-undefined
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/ritz.map)
