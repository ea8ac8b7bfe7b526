# What an installation holds and how other projects find it: find_package(ritz) gives the target
# ritz::ritz, pkg-config the module ritz; with MPI all three are called ritz_mpi. Included last,
# when every target is known. Everything is written relative to where it lies, so that an
# installed tree can be moved.
include(CMakePackageConfigHelpers)
set(ritz_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/${ritz_library_name})
set(ritz_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS ritz EXPORT ritz_targets)
if(TARGET ritz_command)
  install(TARGETS ritz_command)
  install(FILES tools/completion.bash RENAME ritz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  # The command writes its own manual pages.
  install(CODE "execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/man.sh
    $<TARGET_FILE:ritz_command> \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\"
    COMMAND_ERROR_IS_FATAL ANY)")
endif()
install(DIRECTORY include/ritz TYPE INCLUDE FILES_MATCHING PATTERN "*.h" PATTERN "*.f90"
  PATTERN mpi.h EXCLUDE)
if(RITZ_WITH_MPI)
  install(FILES include/ritz/mpi.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ritz OPTIONAL)
endif()
install(FILES LICENSE TYPE DOC)

install(EXPORT ritz_targets NAMESPACE ritz:: FILE ${ritz_library_name}-targets.cmake
  DESTINATION ${ritz_package_dir})
configure_package_config_file(cmake/ritz-config.cmake.in ${ritz_library_name}-config.cmake
  INSTALL_DESTINATION ${ritz_package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break what the one before promised.
write_basic_package_version_file(${ritz_library_name}-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/${ritz_library_name}-config.cmake
  ${PROJECT_BINARY_DIR}/${ritz_library_name}-config-version.cmake DESTINATION ${ritz_package_dir})

# From the folder of the .pc file back to the prefix.
file(RELATIVE_PATH ritz_pkgconfig_to_prefix ${CMAKE_INSTALL_PREFIX}/${ritz_pkgconfig_dir}
  ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" ritz_pkgconfig_to_prefix ${ritz_pkgconfig_to_prefix})
configure_file(cmake/ritz.pc.in ${ritz_library_name}.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/${ritz_library_name}.pc DESTINATION ${ritz_pkgconfig_dir})
