// What the processor can do and the operating system lets a program use.
//
// Bits as in the Intel SDM, volume 2A, CPUID, and volume 1, 13.3 (XCR0). A feature whose registers
// the system does not save is missing, whatever CPUID says.

#include "oriel/runtime.h"

#include <cstdio>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>

namespace {

struct CpuidRegisters {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidRegisters cpuid(unsigned leaf, unsigned subleaf) {
  CpuidRegisters r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

uint64_t readXcr0() {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

struct FeatureBit {
  uint64_t feature;
  unsigned word;
  int bit;
  uint64_t savedState;
};

uint64_t detectFeatures() {
  constexpr uint64_t none = 0, ymm = 0x6, zmm = 0xe6, tiles = 0x60000;
  CpuidRegisters basic = cpuid(1, 0), extended = cpuid(7, 0), extended1 = cpuid(7, 1);
  CpuidRegisters amd = cpuid(0x80000001, 0);
  bool hasXgetbv = (basic.ecx >> 27 & 1) != 0;
  uint64_t xcr0 = hasXgetbv ? readXcr0() : 0;
  const FeatureBit bits[] = {
      {ORIEL_ISA_CX16, basic.ecx, 13, none},         {ORIEL_ISA_SAHF, amd.ecx, 0, none},
      {ORIEL_ISA_POPCNT, basic.ecx, 23, none},       {ORIEL_ISA_SSE3, basic.ecx, 0, none},
      {ORIEL_ISA_SSSE3, basic.ecx, 9, none},         {ORIEL_ISA_SSE4_1, basic.ecx, 19, none},
      {ORIEL_ISA_SSE4_2, basic.ecx, 20, none},       {ORIEL_ISA_AVX, basic.ecx, 28, ymm},
      {ORIEL_ISA_AVX2, extended.ebx, 5, ymm},        {ORIEL_ISA_BMI, extended.ebx, 3, none},
      {ORIEL_ISA_BMI2, extended.ebx, 8, none},       {ORIEL_ISA_F16C, basic.ecx, 29, ymm},
      {ORIEL_ISA_FMA, basic.ecx, 12, ymm},           {ORIEL_ISA_LZCNT, amd.ecx, 5, none},
      {ORIEL_ISA_MOVBE, basic.ecx, 22, none},        {ORIEL_ISA_AVX512F, extended.ebx, 16, zmm},
      {ORIEL_ISA_AVX512BW, extended.ebx, 30, zmm},   {ORIEL_ISA_AVX512CD, extended.ebx, 28, zmm},
      {ORIEL_ISA_AVX512DQ, extended.ebx, 17, zmm},   {ORIEL_ISA_AVX512VL, extended.ebx, 31, zmm},
      {ORIEL_ISA_AVX512VNNI, extended.ecx, 11, zmm}, {ORIEL_ISA_AVX512BF16, extended1.eax, 5, zmm},
      {ORIEL_ISA_AVX512FP16, extended.edx, 23, zmm}, {ORIEL_ISA_AMX_TILE, extended.edx, 24, tiles},
      {ORIEL_ISA_AMX_INT8, extended.edx, 25, tiles}, {ORIEL_ISA_AMX_BF16, extended.edx, 22, tiles},
  };
  uint64_t features = 0;
  for (const FeatureBit &bit : bits) {
    if ((bit.word >> bit.bit & 1) != 0 && (xcr0 & bit.savedState) == bit.savedState) {
      features |= bit.feature;
    }
  }
  return features;
}

} // namespace

uint64_t oriel_cpu_features(void) { return detectFeatures(); }
#else
uint64_t oriel_cpu_features(void) { return 0; }
#endif

const char *oriel_feature_names(uint64_t features, char *text, uint64_t capacity) {
  struct Name {
    uint64_t bit;
    const char *name;
  };
#define ORIEL_FEATURE_NAME(name, bit, llvmName) {uint64_t(1) << bit, llvmName},
  static constexpr Name names[] = {ORIEL_ISA_FEATURES(ORIEL_FEATURE_NAME)};
#undef ORIEL_FEATURE_NAME
  if (capacity == 0) {
    return text;
  }
  text[0] = '\0';
  uint64_t length = 0, unknown = features;
  auto append = [&](const char *name) {
    int count = snprintf(text + length, capacity - length, "%s%s", length > 0 ? ", " : "", name);
    length += uint64_t(count);
    return length < capacity;
  };
  for (const Name &name : names) {
    unknown &= ~name.bit;
    if ((features & name.bit) != 0 && !append(name.name)) {
      return text;
    }
  }
  if (unknown != 0) {
    append("features that this runtime does not know");
  }
  return text;
}
