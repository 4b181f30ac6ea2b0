# oriel_add_library, oriel_add_tool: targets with the project's warnings, include roots and precompiled headers.

add_library(OrielOptions INTERFACE)
target_compile_options(OrielOptions INTERFACE -Wall -Wextra $<$<BOOL:${ORIEL_WERROR}>:-Werror>)
target_include_directories(OrielOptions INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})

# TableGen's output does not use all of its parameters.
add_library(OrielCompilerOptions INTERFACE)
target_compile_options(OrielCompilerOptions INTERFACE
  -Wall -Wextra -Wno-unused-parameter $<$<BOOL:${ORIEL_WERROR}>:-Werror>)
target_include_directories(OrielCompilerOptions INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_include_directories(OrielCompilerOptions SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS})

# MLIR headers cost six seconds a file; precompiled they cost one and a half.
file(WRITE ${CMAKE_BINARY_DIR}/mlir_pch.cpp "// Carries the precompiled MLIR headers.\n")
add_library(OrielPrecompiledHeaders OBJECT ${CMAKE_BINARY_DIR}/mlir_pch.cpp)
target_link_libraries(OrielPrecompiledHeaders PRIVATE OrielCompilerOptions)
target_compile_options(OrielPrecompiledHeaders PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
target_precompile_headers(OrielPrecompiledHeaders PRIVATE
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/MLIRContext.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Interfaces/InferTypeOpInterface.h>
  <mlir/Pass/Pass.h>
  <mlir/Transforms/GreedyPatternRewriteDriver.h>
)

# oriel_use_precompiled_headers(NAME): for any target that includes MLIR. Executables are compiled as -fPIC, too, because
# clang refuses a precompiled header made for the other kind of position independence.
function(oriel_use_precompiled_headers name)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM OrielPrecompiledHeaders)
endfunction()

# oriel_add_library(NAME sources... [DEPENDS tablegen...] [LINK libraries...] [NO_MLIR])
#   A static library of the compiler. NO_MLIR: neither the MLIR include path nor its precompiled headers.
function(oriel_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  if(ARG_NO_MLIR)
    target_link_libraries(${name} PUBLIC OrielOptions)
  else()
    target_link_libraries(${name} PUBLIC OrielCompilerOptions)
    oriel_use_precompiled_headers(${name})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# oriel_add_tool(NAME sources... [LINK libraries...] [NO_MLIR])
function(oriel_add_tool name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  if(ARG_NO_MLIR)
    target_link_libraries(${name} PRIVATE OrielOptions ${ARG_LINK})
  else()
    target_link_libraries(${name} PRIVATE OrielCompilerOptions ${ARG_LINK} MLIR LLVM)
    oriel_use_precompiled_headers(${name})
  endif()
endfunction()
