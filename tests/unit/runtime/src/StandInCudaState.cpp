#include "StandInCudaState.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <regex>

using namespace oriel::test::stand_in;

State &State::get() {
  static State state;
  return state;
}

std::vector<void *> &State::current() {
  thread_local std::vector<void *> contexts;
  return contexts;
}

State::State() { reset(); }

void State::reset() {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  counts.clear();
  failures.clear();
  violations.clear();
  source.clear();
  settings = {{"devices", 1}, {"capability", 80}, {"driver", 12020}, {"memory", 1 << 10}};
  const char *environment = getenv("STAND_IN_CUDA");
  std::string text = environment != nullptr ? environment : "";
  if (size_t equals = text.find('='); equals != std::string::npos) {
    settings[text.substr(0, equals)] = atoll(text.c_str() + equals + 1);
  }
}

int32_t State::live() {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  return contextUses +
         int32_t(memory.size() + streams.size() + graphs.size() + linkers.size() + modules.size());
}

int32_t State::enter(const char *name) {
  ++counts[name];
  if (!isInitialized && strcmp(name, "cuInit") != 0) {
    return violate(std::string(name) + " before cuInit", invalidValue);
  }
  auto failure = failures.find(name);
  if (failure == failures.end() || failure->second.skip-- > 0) {
    return success;
  }
  return failure->second.code;
}

int32_t State::violate(const std::string &rule, int32_t code) {
  violations += rule + "\n";
  return code;
}

bool State::isRecording(std::thread::id thread) const {
  return std::any_of(streams.begin(), streams.end(), [&](const auto &stream) {
    return stream->isRecording && stream->recorder == thread;
  });
}

int32_t State::findStream(void *handle, Stream *&found) {
  found = nullptr;
  if (handle == nullptr) {
    return success;
  }
  for (const auto &stream : streams) {
    if (stream.get() == handle) {
      found = stream.get();
      return success;
    }
  }
  return violate("what is used is no stream", invalidHandle);
}

bool State::isAllocated(uint64_t address, uint64_t bytes) const {
  auto next = memory.upper_bound(address);
  if (next == memory.begin()) {
    return false;
  }
  const auto &[begin, block] = *std::prev(next);
  uint64_t offset = address - begin;
  return offset <= block.size && bytes <= block.size - offset;
}

int32_t State::checkCopy(void *stream, uint64_t address, uint64_t bytes) {
  Stream *on = nullptr;
  int32_t code = findStream(stream, on);
  if (code == success && on != nullptr && on->isRecording) {
    code = violate("a copy is recorded", captureUnsupported);
  }
  if (code == success && !isAllocated(address, bytes)) {
    code = violate("a copy of what is not the device's memory", invalidValue);
  }
  return code;
}

int32_t State::checkLaunch(const Launch &launch) {
  const Function &function = *launch.function;
  if (launch.threads != function.mostThreads) {
    return violate(function.name + " is not compiled for its block", invalidValue);
  }
  uint64_t threads = uint64_t(launch.threads[0]) * launch.threads[1] * launch.threads[2];
  if (threads == 0 || threads > 1024 || launch.sharedBytes > 48 << 10) {
    return violate(function.name + " has a block that is too large", invalidValue);
  }
  // CUDA C++ programming guide, table of compute capabilities: grids of 2^31 - 1, 65535, 65535.
  if (launch.blocks[1] > 65535 || launch.blocks[2] > 65535 ||
      uint64_t(launch.blocks[0]) * launch.blocks[1] * launch.blocks[2] == 0) {
    return violate(function.name + " has a grid that no device takes", invalidValue);
  }
  return success;
}

/// What 8 bytes of a launch hold as an address of floats.
static float *floatsOf(const Launch &launch, size_t index) {
  uint64_t address = 0;
  memcpy(&address, launch.values[index].data(), sizeof address);
  return reinterpret_cast<float *>(address);
}

int32_t State::execute(const Launch &launch) {
  for (const std::vector<uint8_t> &value : launch.values) {
    uint64_t address = 0;
    if (value.size() == sizeof address) {
      memcpy(&address, value.data(), sizeof address);
      if (!isAllocated(address, 1)) {
        return violate(launch.function->name + " gets what is not the device's memory",
                       illegalAddress);
      }
    }
  }
  size_t count = size_t(launch.blocks[0]) * launch.threads[0];
  if (launch.function->name == "advance") {
    float *factors = floatsOf(launch, 0), *values = floatsOf(launch, 1), offset = 0;
    memcpy(&offset, launch.values[2].data(), sizeof offset);
    for (size_t i = 0; i < count; ++i) {
      values[i] = values[i] * factors[0] + offset;
    }
  } else if (launch.function->name == "reverse") {
    float *values = floatsOf(launch, 0);
    if (launch.sharedBytes < launch.threads[0] * sizeof(float)) {
      return violate("reverse has not the shared memory that it needs", illegalAddress);
    }
    for (size_t i = 0; i < count; i += launch.threads[0]) {
      std::reverse(values + i, values + i + launch.threads[0]);
    }
  }
  return success;
}

Module::Module(const std::string &ptx) {
  static const std::regex entry(R"(\.entry\s+(\w+)\s*\(([^)]*)\)\s*((?:\.[^{]*)?)\{)");
  static const std::regex parameter(R"(\.param\s+\.[a-z](\d+))");
  static const std::regex bound(R"(\.maxntid\s+(\d+),\s*(\d+),\s*(\d+))");
  for (std::sregex_iterator next(ptx.begin(), ptx.end(), entry), end; next != end; ++next) {
    Function function;
    function.name = (*next)[1];
    std::string parameters = (*next)[2], directives = (*next)[3];
    for (std::sregex_iterator each(parameters.begin(), parameters.end(), parameter); each != end;
         ++each) {
      function.parameterBytes.push_back(size_t(atoi((*each)[1].str().c_str())) / 8);
    }
    if (std::smatch match; std::regex_search(directives, match, bound)) {
      for (size_t i = 0; i < 3; ++i) {
        function.mostThreads[i] = uint32_t(atoi(match[i + 1].str().c_str()));
      }
    }
    functions.push_back(function);
  }
}
