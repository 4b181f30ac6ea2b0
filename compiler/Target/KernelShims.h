// The functions that a Halide kernel built with `no_runtime` imports, for modules.
//
// KernelShims.c is compiled when the project is built, embedded into the compiler as an object and
// linked, hidden, into every module. A kernel's `user_context` is its oriel_worker; whatever needs
// the machine (threads, error text) goes through the function pointers of the worker's oriel_call,
// so a module imports nothing but memset, memcpy and libm.
//
// C11, also included by C++: the compiler sizes scratch with oriel_scratch_block_bytes.

#ifndef ORIEL_COMPILER_TARGET_KERNELSHIMS_H
#define ORIEL_COMPILER_TARGET_KERNELSHIMS_H

#include "oriel/module_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

// What one halide_malloc(bytes) takes from a worker's scratch: a header of one cache line, then the
// block rounded up to whole lines. A worker's scratch must hold the sum over the blocks that are
// live at once.
static inline uint64_t oriel_scratch_block_bytes(uint64_t bytes) {
  return ORIEL_WORKSPACE_ALIGNMENT + (bytes + ORIEL_WORKSPACE_ALIGNMENT - 1) /
                                         ORIEL_WORKSPACE_ALIGNMENT * ORIEL_WORKSPACE_ALIGNMENT;
}

#ifdef __cplusplus
} // extern "C"
#endif

#endif // ORIEL_COMPILER_TARGET_KERNELSHIMS_H
