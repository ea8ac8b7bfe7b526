# The shared library with its public symbols only. A build with MPI has a name of its own, so that
# both can be installed side by side.
if(RITZ_WITH_MPI)
  set(ritz_library_name ritz_mpi)
else()
  set(ritz_library_name ritz)
endif()
# The soname counts what breaks: before 1.0 that may be a minor version (ritz/version.h).
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(ritz_soversion 0.${PROJECT_VERSION_MINOR})
else()
  set(ritz_soversion ${PROJECT_VERSION_MAJOR})
endif()
add_library(ritz SHARED $<TARGET_OBJECTS:ritz_objects> ${ritz_variant_objects})
add_library(ritz::${ritz_library_name} ALIAS ritz)
set_target_properties(ritz PROPERTIES OUTPUT_NAME ${ritz_library_name}
  EXPORT_NAME ${ritz_library_name}
  VERSION ${PROJECT_VERSION} SOVERSION ${ritz_soversion})
target_include_directories(ritz PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(ritz PRIVATE $<BUILD_INTERFACE:ritz_flags> $<BUILD_INTERFACE:ritz_dependencies>)
# Static libxsmm must not leak its own symbols, nor we our internal ones. The sanitizers' run-time
# library comes with the program: clang leaves its symbols open in a shared library.
target_link_options(ritz PRIVATE -Wl,--exclude-libs,ALL
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/ritz.map)
if(NOT RITZ_SANITIZE)
  target_link_options(ritz PRIVATE -Wl,--no-undefined)
endif()
if(RITZ_WITH_MPI)
  # <ritz/mpi.h> speaks of MPI_Comm.
  target_link_libraries(ritz PUBLIC MPI::MPI_C)
endif()
