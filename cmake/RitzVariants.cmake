# Kernel files are compiled once per number format and instruction set; kernels/dispatch.c picks at
# run time. RITZ_NATIVE keeps one instruction set, that of the compiling machine.
if(RITZ_NATIVE)
  set(ritz_isas native)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(ritz_isas base avx2 avx512)
else()
  set(ritz_isas base)
endif()
set(ritz_isa_flags_native -march=native)
set(ritz_isa_flags_base)
set(ritz_isa_flags_avx2 -mavx2 -mfma)
set(ritz_isa_flags_avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma
  -mprefer-vector-width=512)

# Instrumented kernels take minutes to optimise, where everything is inlined ten, and gain nothing
# that a test would notice.
set(ritz_kernel_optimisation -O3)
if(RITZ_SANITIZE)
  set(ritz_kernel_optimisation -O1 -DALWAYS_INLINE=inline)
endif()

function(ritz_add_kernel_variants owner)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/variants/*.c)
  set(objects)
  foreach(isa IN LISTS ritz_isas)
    foreach(format f32 f64)
      set(target ritz_kernels_${format}_${isa})
      add_library(${target} OBJECT ${sources})
      string(TOUPPER ${format} FORMAT)
      target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
        ${PROJECT_SOURCE_DIR}/src)
      # No errno and no traps: kernels return no status, non-finite numbers are found by the loss.
      target_compile_options(${target} PRIVATE ${ritz_isa_flags_${isa}} ${ritz_kernel_optimisation} -ffp-contract=fast
        -fno-math-errno -fno-trapping-math -fopenmp-simd)
      target_compile_definitions(${target} PRIVATE RITZ_VARIANT=${format}_${isa}
        RITZ_VARIANT_${FORMAT} RITZ_ISA_NAME="${isa}")
      target_link_libraries(${target} PRIVATE ritz_flags)
      list(APPEND objects $<TARGET_OBJECTS:${target}>)
    endforeach()
  endforeach()
  set(ritz_variant_objects ${objects} PARENT_SCOPE)
  list(JOIN ritz_isas ";" isas)
  foreach(isa IN LISTS ritz_isas)
    string(TOUPPER ${isa} ISA)
    target_compile_definitions(${owner} PRIVATE RITZ_ISA_${ISA}=1)
  endforeach()
endfunction()

# Files of solvers/*/scalar are compiled once per number format: real and complex, float and
# double.
function(ritz_add_scalar_variants)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/solvers/*/scalar/*.c)
  foreach(scalar s d c z)
    set(target ritz_solvers_${scalar})
    add_library(${target} OBJECT ${sources})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
      ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
    target_compile_options(${target} PRIVATE -O3 $<$<C_COMPILER_ID:GNU>:-fcx-limited-range>
      -fno-math-errno -fopenmp-simd)
    target_compile_definitions(${target} PRIVATE RITZ_SCALAR=${scalar})
    target_link_libraries(${target} PRIVATE ritz_flags ritz_dependencies)
    list(APPEND ritz_variant_objects $<TARGET_OBJECTS:${target}>)
  endforeach()
  set(ritz_variant_objects ${ritz_variant_objects} PARENT_SCOPE)
endfunction()
