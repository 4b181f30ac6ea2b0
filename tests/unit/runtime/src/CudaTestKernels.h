// The kernels of DeviceTest.cpp in PTX, as nvcc 13.0 makes them of this, with -arch=sm_80
// -fmad=false:
//
//   extern "C" __global__ void advance(const float *factors, float *values, const float offset) {
//     int i = blockIdx.x * blockDim.x + threadIdx.x;
//     values[i] = values[i] * factors[0] + offset;
//   }
//   extern __shared__ float shared[];
//   extern "C" __global__ void reverse(float *values) {
//     int i = threadIdx.x, g = blockIdx.x * blockDim.x + threadIdx.x;
//     shared[63 - i] = values[g];
//     __syncthreads();
//     values[g] = shared[i];
//   }

#ifndef ORIEL_TESTS_UNIT_RUNTIME_SRC_CUDATESTKERNELS_H
#define ORIEL_TESTS_UNIT_RUNTIME_SRC_CUDATESTKERNELS_H

namespace oriel::test {

inline constexpr char cudaKernels[] = R"(.version 7.0
.target sm_80
.address_size 64

.extern .shared .align 16 .b8 shared[];

.visible .entry advance(
	.param .u64 advance_param_0,
	.param .u64 advance_param_1,
	.param .f32 advance_param_2
)
{
	.reg .f32 	%f<6>;
	.reg .b32 	%r<5>;
	.reg .b64 	%rd<7>;
	ld.param.u64 	%rd1, [advance_param_0];
	ld.param.u64 	%rd2, [advance_param_1];
	ld.param.f32 	%f1, [advance_param_2];
	cvta.to.global.u64 	%rd3, %rd1;
	cvta.to.global.u64 	%rd4, %rd2;
	mov.u32 	%r1, %ctaid.x;
	mov.u32 	%r2, %ntid.x;
	mov.u32 	%r3, %tid.x;
	mad.lo.s32 	%r4, %r1, %r2, %r3;
	mul.wide.s32 	%rd5, %r4, 4;
	add.s64 	%rd6, %rd4, %rd5;
	ld.global.f32 	%f2, [%rd6];
	ld.global.f32 	%f3, [%rd3];
	mul.rn.f32 	%f4, %f2, %f3;
	add.rn.f32 	%f5, %f4, %f1;
	st.global.f32 	[%rd6], %f5;
	ret;

}
.visible .entry reverse(
	.param .u64 reverse_param_0
)
{
	.reg .f32 	%f<3>;
	.reg .b32 	%r<12>;
	.reg .b64 	%rd<5>;
	ld.param.u64 	%rd1, [reverse_param_0];
	cvta.to.global.u64 	%rd2, %rd1;
	mov.u32 	%r1, %tid.x;
	mov.u32 	%r2, %ctaid.x;
	mov.u32 	%r3, %ntid.x;
	mad.lo.s32 	%r4, %r2, %r3, %r1;
	mul.wide.s32 	%rd3, %r4, 4;
	add.s64 	%rd4, %rd2, %rd3;
	ld.global.f32 	%f1, [%rd4];
	mov.u32 	%r5, 63;
	sub.s32 	%r6, %r5, %r1;
	shl.b32 	%r7, %r6, 2;
	mov.u32 	%r8, shared;
	add.s32 	%r9, %r8, %r7;
	st.shared.f32 	[%r9], %f1;
	bar.sync 	0;
	shl.b32 	%r10, %r1, 2;
	add.s32 	%r11, %r8, %r10;
	ld.shared.f32 	%f2, [%r11];
	st.global.f32 	[%rd4], %f2;
	ret;

}
)";

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_RUNTIME_SRC_CUDATESTKERNELS_H
