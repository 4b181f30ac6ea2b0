//===- ModuleTables.cpp - The tables of a module, as LLVM constants -------===//
//
// Struct types are written field by field in the order of runtime/include/oriel/module_abi.h; LLVM
// lays out a struct as the C ABI does. The sizes are checked against the header's.
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/ModuleTables.h"

#include "compiler/Target/ModuleFile.h"
#include "oriel/module_abi.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <limits>

using namespace llvm;

namespace oriel {

namespace {

/// Makes private constants of a module.
class TableBuilder {
public:
  explicit TableBuilder(Module &module) : module(module), context(module.getContext()) {}

  Constant *i32(int64_t value) { return ConstantInt::getSigned(Type::getInt32Ty(context), value); }
  Constant *u64(uint64_t value) { return ConstantInt::get(Type::getInt64Ty(context), value); }
  Constant *f64(double value) { return ConstantFP::get(Type::getDoubleTy(context), value); }
  Constant *null() { return ConstantPointerNull::get(PointerType::getUnqual(context)); }

  Constant *string(StringRef text) {
    return global(ConstantDataArray::getString(context, text), "string");
  }

  /// A struct whose size in C is `size`.
  Constant *structure(ArrayRef<Constant *> fields, uint64_t size) {
    Constant *result = ConstantStruct::getAnon(context, fields);
    assert(module.getDataLayout().getTypeAllocSize(result->getType()) == size &&
           "struct differs from module_abi.h");
    (void)size;
    return result;
  }

  /// Pointer to the elements; null where there are none.
  Constant *table(ArrayRef<Constant *> elements, StringRef name) {
    if (elements.empty()) {
      return null();
    }
    auto *type = ArrayType::get(elements.front()->getType(), elements.size());
    return global(ConstantArray::get(type, elements), name);
  }

  Constant *doubles(ArrayRef<double> values) { return ConstantDataArray::get(context, values); }

  Constant *function(StringRef name) {
    return name.empty() ? null() : static_cast<Constant *>(module.getFunction(name));
  }

  GlobalVariable *global(Constant *value, StringRef name) {
    auto *variable = new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                        GlobalValue::PrivateLinkage, value, name);
    variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return variable;
  }

  Module &module;
  LLVMContext &context;
};

} // namespace

static Constant *integerTable(TableBuilder &build, ArrayRef<int64_t> values, StringRef name) {
  auto elements =
      map_to_vector(values, [&](int64_t value) { return build.u64(static_cast<uint64_t>(value)); });
  return build.table(elements, name);
}

static Constant *stringTable(TableBuilder &build, ArrayRef<std::string> texts, StringRef name) {
  auto elements = map_to_vector(texts, [&](const std::string &text) { return build.string(text); });
  return build.table(elements, name);
}

static Constant *tensorTable(TableBuilder &build, const std::vector<TensorInfo> &tensors) {
  std::vector<Constant *> elements;
  elements.reserve(tensors.size());
  for (const TensorInfo &tensor : tensors) {
    elements.push_back(build.structure({build.string(tensor.name), build.i32(tensor.elementType),
                                        build.i32(static_cast<int64_t>(tensor.dims.size())),
                                        integerTable(build, tensor.dims, "dims")},
                                       sizeof(oriel_tensor_info)));
  }
  return build.table(elements, "tensors");
}

static Constant *preprocessingTable(TableBuilder &build,
                                    const std::optional<Preprocessing> &preprocessing) {
  if (!preprocessing) {
    return build.null();
  }
  Constant *value =
      build.structure({build.i32(preprocessing->size.height), build.i32(preprocessing->size.width),
                       build.doubles(preprocessing->mean), build.doubles(preprocessing->std),
                       build.f64(preprocessing->cropPct),
                       build.i32(preprocessing->interpolation == Interpolation::Bilinear
                                     ? ORIEL_INTERPOLATION_BILINEAR
                                     : ORIEL_INTERPOLATION_BICUBIC),
                       build.i32(0)},
                      sizeof(oriel_image_preprocessing));
  return build.global(value, "preprocessing");
}

static Constant *signature(TableBuilder &build, const ModuleInfo &info) {
  Constant *value = build.structure({build.i32(static_cast<int64_t>(info.inputs.size())),
                                     build.i32(static_cast<int64_t>(info.outputs.size())),
                                     tensorTable(build, info.inputs),
                                     tensorTable(build, info.outputs), build.i32(info.batch),
                                     build.i32(static_cast<int64_t>(info.classNames.size())),
                                     stringTable(build, info.classNames, "class_names"),
                                     preprocessingTable(build, info.preprocessing)},
                                    sizeof(oriel_signature));
  return build.global(value, "signature");
}

static Constant *kernelTable(TableBuilder &build, const VariantInfo &variant) {
  auto elements = map_to_vector(variant.kernels, [&](const KernelInfo &kernel) {
    return build.structure({build.string(kernel.name), build.string(kernel.family)},
                           sizeof(oriel_kernel_info));
  });
  return build.table(elements, "kernels");
}

static Constant *storeTable(TableBuilder &build, ArrayRef<StoreInfo> stores) {
  auto elements = map_to_vector(stores, [&](const StoreInfo &store) {
    return build.structure({build.string(store.layer), build.i32(store.output),
                            build.i32(static_cast<int64_t>(store.dims.size())),
                            integerTable(build, store.dims, "dims"),
                            integerTable(build, store.strides, "strides"),
                            build.u64(store.arenaBytes), build.u64(store.arenaBytesPerItem),
                            build.i32(store.elementType), build.i32(0)},
                           sizeof(oriel_store_info));
  });
  return build.table(elements, "stores");
}

static Constant *launchTable(TableBuilder &build, const VariantInfo &variant) {
  auto elements = map_to_vector(variant.launches, [&](const LaunchInfo &launch) {
    return build.structure(
        {build.string(launch.name), build.string(launch.layers.front()), build.i32(launch.kernel),
         build.i32(launch.movesOnly ? ORIEL_LAUNCH_MOVES_ONLY : 0),
         build.u64(static_cast<uint64_t>(launch.flopsPerItem)),
         build.u64(static_cast<uint64_t>(launch.bytesPerItem)),
         build.u64(static_cast<uint64_t>(launch.parameterBytes)),
         build.i32(static_cast<int64_t>(launch.layers.size())),
         build.i32(static_cast<int64_t>(launch.stores.size())),
         stringTable(build, launch.layers, "layers"), storeTable(build, launch.stores)},
        sizeof(oriel_launch_info));
  });
  return build.table(elements, "launches");
}

static Constant *describeVariant(TableBuilder &build, const VariantInfo &variant) {
  return build.structure(
      {build.string(variant.device), build.string(variant.target),
       build.u64(variant.requiredFeatures), build.i32(1),
       build.i32(std::numeric_limits<int32_t>::max()), build.i32(variant.storageType), build.i32(0),
       build.u64(variant.arenaFixedBytes), build.u64(variant.arenaBytesPerItem),
       build.u64(variant.scratchBytesPerWorker), build.u64(variant.cacheBytesPerWorker),
       build.i32(static_cast<int64_t>(variant.kernels.size())),
       build.i32(static_cast<int64_t>(variant.launches.size())), kernelTable(build, variant),
       launchTable(build, variant), build.function(variant.prepareFunction),
       build.function(variant.runFunction), build.function(variant.runLaunchFunction)},
      sizeof(oriel_variant));
}

/// const oriel_module_descriptor *oriel_module_query(uint32_t max): null if max is too old.
static void addQueryFunction(TableBuilder &build, Constant *descriptor) {
  auto *pointer = PointerType::getUnqual(build.context);
  auto *i32 = Type::getInt32Ty(build.context);
  auto *function =
      Function::Create(FunctionType::get(pointer, {i32}, false), GlobalValue::ExternalLinkage,
                       ORIEL_MODULE_QUERY_SYMBOL, build.module);
  IRBuilder<> ir(BasicBlock::Create(build.context, "entry", function));
  Value *supported = ir.CreateICmpUGE(function->getArg(0), ir.getInt32(ORIEL_ABI_VERSION));
  ir.CreateRet(ir.CreateSelect(supported, descriptor, build.null()));
}

void addModuleTables(Module &module, const ModuleInfo &info) {
  TableBuilder build(module);
  auto variants = map_to_vector(
      info.variants, [&](const VariantInfo &variant) { return describeVariant(build, variant); });
  Constant *descriptor = build.structure(
      {build.i32(ORIEL_ABI_VERSION), build.i32(static_cast<int64_t>(variants.size())),
       build.string(info.modelName), build.string(info.compilerVersion), signature(build, info),
       build.u64(0), ConstantAggregateZero::get(ArrayType::get(Type::getInt8Ty(build.context), 32)),
       build.table(variants, "variants")},
      sizeof(oriel_module_descriptor));
  GlobalVariable *variable = build.global(descriptor, moduleDescriptorSymbol);
  // writeModuleFile finds it by its name and fills in what depends on the parameters' values.
  variable->setLinkage(GlobalValue::ExternalLinkage);
  variable->setVisibility(GlobalValue::HiddenVisibility);
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::None);
  addQueryFunction(build, variable);
}

} // namespace oriel
