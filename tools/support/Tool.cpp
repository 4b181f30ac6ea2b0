#include "tools/support/Tool.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <sstream>

using namespace oriel;

namespace {

/// Prints "tool: text" as one line on stderr.
void printError(const CLI::App &app, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  fprintf(stderr, "%s: %s\n", app.get_name().c_str(), text.c_str());
}

void check(oriel_status status, const oriel_error &error) {
  if (status != ORIEL_OK) {
    throw ToolError(error.message);
  }
}

} // namespace

int oriel::runTool(CLI::App &app, int argc, char **argv, const std::function<void()> &body) {
  // A file that would grow past the limit of the process is an error to report, not the end.
  signal(SIGXFSZ, SIG_IGN);
  app.set_version_flag("--version", std::string(oriel_runtime_version()));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);
    }
    printError(app, std::string(error.what()) + ": see " + app.get_name() + " --help");
    return 2;
  }
  try {
    body();
  } catch (const std::bad_alloc &) {
    printError(app, "out of memory: use a smaller input");
    return 1;
  } catch (const std::exception &error) {
    printError(app, error.what());
    return 1;
  }
  if (fflush(stdout) != 0 || ferror(stdout) != 0) {
    printError(app, "cannot write to the standard output: free space, or give it a reader");
    return 1;
  }
  return 0;
}

ModuleHandle oriel::loadModule(const std::string &path, const oriel_load_options &options) {
  oriel_module *module = nullptr;
  oriel_error error;
  check(oriel_module_load(path.c_str(), &options, &module, &error), error);
  return ModuleHandle(module);
}

ContextHandle oriel::createContext(oriel_module &module, const oriel_context_options &options) {
  oriel_context *context = nullptr;
  oriel_error error;
  check(oriel_context_create(&module, &options, &context, &error), error);
  return ContextHandle(context);
}

PoolHandle oriel::createPool(const oriel_pool_options &options) {
  oriel_pool *pool = nullptr;
  oriel_error error;
  check(oriel_pool_create(&options, &pool, &error), error);
  return PoolHandle(pool);
}

void oriel::runContext(oriel_context &context, const void *input, float *output) {
  const void *inputs[] = {input};
  void *outputs[] = {output};
  oriel_error error;
  oriel_status status = oriel_context_run(&context, inputs, outputs, &error);
  if (status != ORIEL_NOT_FINITE) {
    check(status, error);
  }
}

void oriel::runLaunch(oriel_context &context, int32_t launch, int32_t repeats, const void *input,
                      float *output) {
  const void *inputs[] = {input};
  void *outputs[] = {output};
  oriel_error error;
  check(oriel_context_run_launch(&context, launch, repeats, inputs, outputs, &error), error);
}

uint64_t oriel::parseFeatures(const std::string &names) {
  uint64_t features = 0;
  std::istringstream stream(names);
  for (std::string name; std::getline(stream, name, ',');) {
    uint64_t feature = 0;
#define ORIEL_FEATURE_BY_NAME(id, bit, llvmName)                                                   \
  if (name == llvmName) {                                                                          \
    feature = uint64_t(1) << bit;                                                                  \
  }
    ORIEL_ISA_FEATURES(ORIEL_FEATURE_BY_NAME)
#undef ORIEL_FEATURE_BY_NAME
    if (feature == 0) {
      throw ToolError("unknown processor feature '" + name + "': use names such as avx2,avx512f");
    }
    features |= feature;
  }
  return features;
}

std::vector<int64_t> oriel::shapeAtBatch(const oriel_tensor_info &tensor, int64_t batch) {
  std::vector<int64_t> shape(tensor.dims, tensor.dims + tensor.rank);
  shape[0] = batch;
  return shape;
}

int64_t oriel::elementsPerItem(const oriel_tensor_info &tensor) {
  int64_t count = 1;
  for (int32_t i = 1; i < tensor.rank; ++i) {
    count *= tensor.dims[i];
  }
  return count;
}

const char *oriel::elementTypeName(int32_t elementType) {
  return elementType == ORIEL_ELEMENT_U8 ? "uint8" : "float32";
}

int64_t oriel::bytesPerItem(const oriel_tensor_info &tensor) {
  return elementsPerItem(tensor) * (tensor.element_type == ORIEL_ELEMENT_U8 ? 1 : 4);
}

const oriel_signature &oriel::singleTensorSignature(const oriel_module &module) {
  const oriel_signature &signature = *oriel_module_describe(&module)->signature;
  if (signature.input_count != 1 || signature.output_count != 1 ||
      signature.outputs[0].element_type != ORIEL_ELEMENT_F32) {
    throw ToolError("the model does not have one input and one float32 output: run it through the "
                    "C API");
  }
  return signature;
}

double oriel::quantile(std::vector<double> values, double p) {
  size_t rank = size_t(std::lround(p * double(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + ptrdiff_t(rank), values.end());
  return values[rank];
}
