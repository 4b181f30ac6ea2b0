//===- DevicePeakKernels.cpp - Kernels that use a device to the full ------===//

#include "tools/support/DevicePeakKernels.h"

using namespace oriel;

// Behind the arguments stands the memory that a block shares, as in all kernels of the runtime.
// Vectors of 8, which a processor has and a GPU takes apart.
static constexpr char openClSource[] = R"(
__kernel void multiply_add(__global float *results, const int steps, const float factor,
                           const float term, __local float *shared) {
  float8 a = (float)get_global_id(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  const float8 factors = factor, terms = term;
  for (int step = 0; step < steps; ++step) {
    a = fma(a, factors, terms);
    b = fma(b, factors, terms);
    c = fma(c, factors, terms);
    d = fma(d, factors, terms);
    e = fma(e, factors, terms);
    f = fma(f, factors, terms);
    g = fma(g, factors, terms);
    h = fma(h, factors, terms);
  }
  a = ((a + b) + (c + d)) + ((e + f) + (g + h));
  results[get_global_id(0)] = ((a.s0 + a.s1) + (a.s2 + a.s3)) + ((a.s4 + a.s5) + (a.s6 + a.s7));
}

__kernel void read_memory(__global const float4 *values, __global float *results, const int blocks,
                          const int share, const int turns, __local float *shared) {
  const int threads = get_local_size(0);
  float4 a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
  for (int turn = 0; turn < turns; ++turn) {
    const int block = ((int)get_group_id(0) + turn) & (blocks - 1);
    __global const float4 *own = values + (size_t)block * share + get_local_id(0);
    for (int i = 0; i < share; i += 8 * threads) {
      a += own[i];
      b += own[i + threads];
      c += own[i + 2 * threads];
      d += own[i + 3 * threads];
      e += own[i + 4 * threads];
      f += own[i + 5 * threads];
      g += own[i + 6 * threads];
      h += own[i + 7 * threads];
    }
  }
  a = ((a + b) + (c + d)) + ((e + f) + (g + h));
  results[get_global_id(0)] = (a.x + a.y) + (a.z + a.w);
}
)";

DevicePeakKernels oriel::makeOpenClPeakKernels() { return {openClSource, 64, true}; }

/// `%f0` += ... += `%f<count - 1>`.
static std::string addUp(int count) {
  std::string text;
  for (int i = 1; i < count; ++i) {
    text += "  add.rn.f32 %f0, %f0, %f" + std::to_string(i) + ";\n";
  }
  return text;
}

/// %r2 is the thread's place in the grid, %r1 in its block, and %rd2 the address of its result,
/// whose array's is %rd1.
static constexpr char findPlace[] = R"(  mov.u32 %r0, %ctaid.x;
  mov.u32 %r1, %tid.x;
  mad.lo.s32 %r2, %r0, 256, %r1;
  cvta.to.global.u64 %rd1, %rd1;
  mul.wide.s32 %rd2, %r2, 4;
  add.s64 %rd2, %rd1, %rd2;
)";

/// 16 sums hide the latency of one another, and 8 repetitions the loop's instructions.
static std::string multiplyAddPtx(int sums, int repetitions) {
  std::string text = R"(.visible .entry multiply_add(
  .param .u64 results, .param .u32 steps, .param .f32 factor, .param .f32 term
)
{
  .reg .pred %p0;
  .reg .b32 %r<4>;
  .reg .b64 %rd<3>;
  .reg .f32 %factor, %term, %f<)" +
                     std::to_string(sums) + R"(>;
  ld.param.u64 %rd1, [results];
  ld.param.u32 %r3, [steps];
  ld.param.f32 %factor, [factor];
  ld.param.f32 %term, [term];
)" + findPlace;
  std::string step;
  for (int i = 0; i < sums; ++i) {
    std::string sum = "%f" + std::to_string(i);
    text += "  cvt.rn.f32.s32 " + sum + ", %r2;\n";
    step += "  fma.rn.f32 " + sum + ", " + sum + ", %factor, %term;\n";
  }
  text += "more:\n";
  for (int i = 0; i < repetitions; ++i) {
    text += step;
  }
  return text + R"(  sub.s32 %r3, %r3, 1;
  setp.gt.s32 %p0, %r3, 0;
  @%p0 bra more;
)" + addUp(sums) +
         "  st.global.f32 [%rd2], %f0;\n  ret;\n}\n";
}

/// Threads of a block read side by side: 4096 bytes lie between two reads of one thread.
static std::string readMemoryPtx() {
  std::string sums, reads, adds;
  for (int i = 0; i < 4 * readsAtOnce; ++i) {
    sums += "  mov.f32 %f" + std::to_string(i) + ", 0f00000000;\n";
    adds += "  add.rn.f32 %f" + std::to_string(i) + ", %f" + std::to_string(i) + ", %v" +
            std::to_string(i) + ";\n";
  }
  for (int i = 0; i < readsAtOnce; ++i) {
    auto value = [&](int part) { return "%v" + std::to_string(4 * i + part); };
    reads += "  ld.global.v4.f32 {" + value(0) + ", " + value(1) + ", " + value(2) + ", " +
             value(3) + "}, [%rd4+" + std::to_string(4096 * i) + "];\n";
  }
  return R"(.visible .entry read_memory(
  .param .u64 values, .param .u64 results, .param .u32 blocks, .param .u32 share, .param .u32 turns
)
{
  .reg .pred %p<2>;
  .reg .b32 %r<9>;
  .reg .b64 %rd<6>;
  .reg .f32 %f<32>, %v<32>;
  ld.param.u64 %rd3, [values];
  ld.param.u64 %rd1, [results];
  ld.param.u32 %r3, [blocks];
  ld.param.u32 %r4, [share];
  ld.param.u32 %r5, [turns];
  cvta.to.global.u64 %rd3, %rd3;
  sub.s32 %r3, %r3, 1;
)" + std::string(findPlace) +
         sums + R"(turn:
  and.b32 %r6, %r0, %r3;
  mad.lo.s32 %r6, %r6, %r4, %r1;
  mul.wide.s32 %rd5, %r6, 16;
  add.s64 %rd4, %rd3, %rd5;
  mov.u32 %r7, %r4;
read:
)" + reads +
         adds +
         R"(  add.s64 %rd4, %rd4, 32768;
  sub.s32 %r7, %r7, 2048;
  setp.gt.s32 %p0, %r7, 0;
  @%p0 bra read;
  add.s32 %r0, %r0, 1;
  sub.s32 %r5, %r5, 1;
  setp.gt.s32 %p1, %r5, 0;
  @%p1 bra turn;
)" + addUp(4 * readsAtOnce) +
         "  st.global.f32 [%rd2], %f0;\n  ret;\n}\n";
}

DevicePeakKernels oriel::makeCudaPeakKernels() {
  constexpr int sums = 16, repetitions = 8;
  return {".version 7.0\n.target sm_80\n.address_size 64\n\n" + multiplyAddPtx(sums, repetitions) +
              "\n" + readMemoryPtx(),
          sums * repetitions, false};
}
