//===- FaultyOpenCl.h - OpenCL as it is, counted, and failing when told ---===//
#ifndef ORIEL_TESTS_E2E_FAULTYOPENCL_H
#define ORIEL_TESTS_E2E_FAULTYOPENCL_H

#include <string>

namespace oriel::test {

/// What the runtime in this program did since the last reset. Its OpenCL is the machine's.
struct OpenClCalls {
  int writes = 0, reads = 0, launches = 0, waits = 0;
  /// Buffers that were made with content, so parameters.
  int parameters = 0;
  int programs = 0;
};
OpenClCalls takeOpenClCalls();

/// Lets the `count`-th call from now on to `function`, and all calls of it after that, fail with
/// `code`; "" lets all work again. Of clGetPlatformIDs, clCreateBuffer, clBuildProgram,
/// clEnqueueNDRangeKernel, clFinish.
void failOpenCl(const std::string &function, int count = 1, int code = 0);

/// Lets devices list all of their extensions but this one; "" lets them list all.
void hideOpenClExtension(const std::string &name);

} // namespace oriel::test

#endif // ORIEL_TESTS_E2E_FAULTYOPENCL_H
