//===- RandomParameters.h - Seeded random parameters ----------------------===//
#ifndef ORIEL_FRONTEND_RANDOMPARAMETERS_H
#define ORIEL_FRONTEND_RANDOMPARAMETERS_H

#include "frontend/ParameterShape.h"
#include "frontend/ParameterSource.h"
#include "llvm/ADT/StringMap.h"

namespace oriel {

/// Values that depend on the seed, the parameter's name and its shape alone: the same on every
/// platform and for every model that has the parameter. They keep activations finite and of order
/// one, and are of the kinds that PyTorch's layers have, told by name and rank:
///
///   running_var                     uniform in [0.5, 1.5]
///   running_mean                    normal, deviation 0.1
///   weight of a norm (rank 1)       uniform in [0.8, 1.2]
///   bias (rank 1)                   normal, deviation 0.02
///   relative_position_bias_table    normal, deviation 0.5
///   matrix [N, K]                   normal, deviation 1 / sqrt(K)
///   filter [O, I, kh, kw]           normal, deviation 1.35 / sqrt(I kh kw)
class RandomParameters : public ParameterSource {
public:
  RandomParameters(uint64_t seed, llvm::ArrayRef<ParameterShape> parameters);

  std::optional<std::vector<int64_t>> lookup(std::string_view name) const override;
  llvm::Error read(std::string_view name, float *values) const override;

private:
  uint64_t seed;
  llvm::StringMap<std::vector<int64_t>> shapes;
};

} // namespace oriel

#endif // ORIEL_FRONTEND_RANDOMPARAMETERS_H
