//===- ModuleTables.h - The tables of a module, as LLVM constants ---------===//
#ifndef ORIEL_COMPILER_TARGET_MODULETABLES_H
#define ORIEL_COMPILER_TARGET_MODULETABLES_H

#include "frontend/Preprocessing.h"
#include "oriel/module_abi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace oriel {

/// What module_abi.h's structs of the same names hold; see there for units and meaning.
struct TensorInfo {
  std::string name;
  /// Dimension 0 is the batch and stands as 1.
  std::vector<int64_t> dims;
  /// ORIEL_ELEMENT_*.
  int32_t elementType = ORIEL_ELEMENT_F32;
};

struct StoreInfo {
  std::string layer;
  int32_t output;
  std::vector<int64_t> dims, strides;
  uint64_t arenaBytes, arenaBytesPerItem;
  /// ORIEL_ELEMENT_*.
  int32_t elementType = ORIEL_ELEMENT_F32;
};

struct LaunchInfo {
  std::string name;
  int32_t kernel;
  bool movesOnly;
  int64_t flopsPerItem, bytesPerItem, parameterBytes;
  /// At least one, the anchor's first.
  std::vector<std::string> layers;
  std::vector<StoreInfo> stores;
};

struct KernelInfo {
  std::string name, family;
};

struct VariantInfo {
  std::string target;
  /// ORIEL_ISA_* that code generation was allowed to use.
  uint64_t requiredFeatures;
  /// ORIEL_ELEMENT_* of arena and parameter block.
  int32_t storageType = ORIEL_ELEMENT_F32;
  uint64_t arenaFixedBytes, arenaBytesPerItem, scratchBytesPerWorker;
  uint64_t cacheBytesPerWorker = 0;
  std::vector<KernelInfo> kernels;
  std::vector<LaunchInfo> launches;
  /// Names of the functions; all but `runFunction` may be empty.
  std::string runFunction, runLaunchFunction, prepareFunction;
  /// As in oriel_variant::device.
  std::string device = "cpu";
};

struct ModuleInfo {
  std::string modelName, compilerVersion;
  int32_t batch;
  std::vector<TensorInfo> inputs, outputs;
  std::optional<Preprocessing> preprocessing;
  std::vector<std::string> classNames;
  /// At least one. In the file most demanding first (as module_abi.h says), which is the caller's
  /// business.
  std::vector<VariantInfo> variants;
};

/// Adds to the module that defines the variants' functions `oriel_module_query` and the descriptor,
/// moduleDescriptorSymbol, with all it points to.
void addModuleTables(llvm::Module &module, const ModuleInfo &info);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_MODULETABLES_H
