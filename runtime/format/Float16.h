// IEEE 754 binary16 as bits: what the parameter block and the arena of a module in f16 hold.

#ifndef ORIEL_RUNTIME_FORMAT_FLOAT16_H
#define ORIEL_RUNTIME_FORMAT_FLOAT16_H

#include <cstdint>
#include <cstring>

namespace oriel {

/// The value of a float16: exact, subnormal numbers included. With its exponent where float32 has
/// it, it is too small by 2^112, the difference of the exponents' biases.
inline float fromFloat16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16, magnitude = uint32_t(bits & 0x7fff) << 13;
  constexpr uint32_t infinity = 0x7c00 << 13;
  float value;
  if (magnitude >= infinity) {
    magnitude |= 0x7f800000;
  } else {
    memcpy(&value, &magnitude, sizeof value);
    value *= 0x1p112F;
    memcpy(&magnitude, &value, sizeof value);
  }
  magnitude |= sign;
  memcpy(&value, &magnitude, sizeof value);
  return value;
}

/// The float16 next to a value, of two the even one; infinity from 65520 on.
inline uint16_t toFloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  constexpr uint32_t infinity = 0x7f800000, smallestNormal = (127 - 14) << 23;
  if (magnitude > infinity) {
    return uint16_t(sign | 0x7e00);
  }
  if (magnitude < smallestNormal) {
    // In units of the smallest subnormal, 2^-24: a number below 2^23 plus 2^23 is rounded to a
    // whole one, which is then the last bits of the sum.
    float units;
    memcpy(&units, &magnitude, sizeof units);
    units = units * 0x1p24F + 0x1p23F;
    memcpy(&magnitude, &units, sizeof units);
    return uint16_t(sign | (magnitude & 0x7fff));
  }
  // Half a unit of the last place that is kept, less where that is even, carries into the exponent
  // where need be.
  magnitude += 0xfff + (magnitude >> 13 & 1);
  uint32_t rebiased = (magnitude - ((127 - 15) << 23)) >> 13;
  return uint16_t(sign | (rebiased < 0x7c00 ? rebiased : 0x7c00));
}

} // namespace oriel

#endif // ORIEL_RUNTIME_FORMAT_FLOAT16_H
