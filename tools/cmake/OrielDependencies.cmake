# The libraries Oriel builds on: MLIR, LLVM and lld 22 from Debian, Halide 21 from the wheel in .venv.

set(ORIEL_LLVM_DIR "/usr/lib/llvm-22" CACHE PATH "Prefix of LLVM, MLIR and lld 22")
find_package(LLVM 22.1 REQUIRED CONFIG PATHS ${ORIEL_LLVM_DIR} NO_DEFAULT_PATH)
find_package(MLIR REQUIRED CONFIG PATHS ${ORIEL_LLVM_DIR} NO_DEFAULT_PATH)
find_package(LLD REQUIRED CONFIG PATHS ${ORIEL_LLVM_DIR} NO_DEFAULT_PATH)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

file(GLOB ORIEL_HALIDE_WHEEL "${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/halide")
set(ORIEL_HALIDE_DIR "${ORIEL_HALIDE_WHEEL}" CACHE PATH "Folder of the halide wheel")
set(HalideHelpers_DIR ${ORIEL_HALIDE_DIR}/lib64/cmake/HalideHelpers)
set(Halide_DIR ${ORIEL_HALIDE_DIR}/lib64/cmake/Halide)
find_package(HalideHelpers 21 REQUIRED CONFIG)
find_package(Halide 21 REQUIRED CONFIG)

find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
# Debian's libwebp has no CMake package.
foreach(library webp webpdemux)
  find_library(ORIEL_LIB${library} ${library} REQUIRED)
endforeach()
add_library(WebP::WebP UNKNOWN IMPORTED)
set_target_properties(WebP::WebP PROPERTIES IMPORTED_LOCATION ${ORIEL_LIBwebp})
add_library(WebP::Demux UNKNOWN IMPORTED)
set_target_properties(WebP::Demux PROPERTIES
  IMPORTED_LOCATION ${ORIEL_LIBwebpdemux} INTERFACE_LINK_LIBRARIES WebP::WebP)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

# mlir_tablegen takes its include path from the directory property.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
