#include "ContextFixture.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <thread>

using namespace oriel::test;
using testing::HasSubstr;

namespace {

using Context = ContextTest;

TEST_F(Context, GivesTheResultAtEveryBatchAndNumberOfThreads) {
  oriel_pool_options poolOptions = {sizeof poolOptions, 4, 0, 0};
  oriel_pool *pool = nullptr;
  ASSERT_EQ(oriel_pool_create(&poolOptions, &pool, &error), ORIEL_OK);
  for (int batch : {1, 2, 3, 8}) {
    for (int threads : {1, 2, 3, 4}) {
      oriel_context_options wanted = options(batch, threads);
      wanted.pool = pool;
      oriel_context *context = create(wanted);
      EXPECT_EQ(oriel_context_batch(context), batch);
      EXPECT_EQ(oriel_context_threads(context), threads);
      for (unsigned round = 0; round < 20; ++round) {
        std::vector<float> input = exampleInput(batch, round), output;
        ASSERT_EQ(run(context, input, output), ORIEL_OK) << error.message;
        ASSERT_EQ(output, expected(input));
      }
      oriel_context_release(context);
    }
  }
  oriel_pool_release(pool);
}

TEST_F(Context, DefaultsToTheCompiledBatch) {
  oriel_context *context = nullptr;
  ASSERT_EQ(oriel_context_create(module, nullptr, &context, &error), ORIEL_OK);
  EXPECT_EQ(oriel_context_batch(context), 2);
  EXPECT_GE(oriel_context_threads(context), 1);
  EXPECT_GE(oriel_context_workspace_bytes(context), 2u * 4 * 17);
  oriel_context_release(context);
}

TEST_F(Context, SeveralAtOnceGiveTheSameBitsAsOneAfterTheOther) {
  constexpr int rounds = 300;
  std::vector<std::vector<float>> results[2];
  auto work = [&](int which) {
    oriel_context *context = create(options(4, 0));
    for (unsigned round = 0; round < rounds; ++round) {
      std::vector<float> output;
      oriel_error own = {};
      std::vector<float> input = exampleInput(4, round * 2 + unsigned(which));
      output.resize(4 * exampleClasses);
      const void *inputs[] = {input.data()};
      void *outputs[] = {output.data()};
      EXPECT_EQ(oriel_context_run(context, inputs, outputs, &own), ORIEL_OK) << own.message;
      results[which].push_back(output);
    }
    oriel_context_release(context);
  };
  std::thread first(work, 0), second(work, 1);
  first.join();
  second.join();
  for (int which : {0, 1}) {
    std::vector<std::vector<float>> together = std::move(results[which]);
    results[which].clear();
    work(which);
    ASSERT_EQ(together.size(), results[which].size());
    for (size_t i = 0; i < together.size(); ++i) {
      ASSERT_EQ(0, memcmp(together[i].data(), results[which][i].data(), 4 * 4 * exampleClasses));
    }
  }
}

TEST_F(Context, ReportsWhatAKernelReportsAndRunsAgain) {
  for (int threads : {1, 0}) {
    oriel_context *context = create(options(2, threads));
    std::vector<float> input = exampleInput(2, 1), output;
    input[exampleChannels] = -1000;
    EXPECT_EQ(run(context, input, output), ORIEL_KERNEL_FAILED);
    EXPECT_THAT(error.message,
                HasSubstr("the run of example failed: kernel check failed: bad_fold"));
    input[exampleChannels] = -3000;
    EXPECT_EQ(run(context, input, output), ORIEL_KERNEL_FAILED);
    EXPECT_THAT(error.message, HasSubstr("a parallel loop of a kernel failed"));
    input[exampleChannels] = 0.5;
    EXPECT_EQ(run(context, input, output), ORIEL_OK);
    EXPECT_EQ(output, expected(input));
    oriel_context_release(context);
  }
}

TEST_F(Context, TurnsAnOverrunOfScratchIntoAnError) {
  for (int threads : {1, 0}) {
    oriel_context *context = create(options(2, threads));
    std::vector<float> input = exampleInput(2, 1), output;
    input[0] = input[exampleChannels] = -2000;
    EXPECT_EQ(run(context, input, output), ORIEL_KERNEL_FAILED);
    EXPECT_THAT(error.message, HasSubstr("more scratch than the module says"));
    oriel_context_release(context);
  }
}

TEST_F(Context, RefusesImpossibleOptions) {
  oriel_context *context = nullptr;
  auto refuse = [&](const oriel_context_options &wanted) {
    EXPECT_EQ(oriel_context_create(module, &wanted, &context, &error), ORIEL_INVALID_ARGUMENT);
    return std::string(error.message);
  };
  EXPECT_THAT(refuse(options(9, 1)), HasSubstr("does not run at batch 9: use batch 2"));
  EXPECT_THAT(refuse(options(-1, 1)), HasSubstr("batch -1"));
  EXPECT_THAT(refuse(options(1, -1)), HasSubstr("-1 threads"));
  EXPECT_THAT(refuse(options(1, 100000)), HasSubstr("100000 threads"));
  oriel_context_options own = options(1, 0);
  own.parallel_for = [](void *, int32_t, oriel_task_fn, void *) { return 0; };
  EXPECT_THAT(refuse(own), HasSubstr("needs `threads`"));
  for (int slice : {-1, 3, 16}) {
    oriel_context_options sliced = options(8, 1);
    sliced.slice = slice;
    EXPECT_THAT(refuse(sliced), HasSubstr("slices of " + std::to_string(slice) +
                                          " of a batch of 8 are not possible: give a divisor"));
  }
  EXPECT_EQ(oriel_context_create(nullptr, nullptr, &context, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_EQ(context, nullptr);
}

TEST_F(Context, RefusesNullInputsAndOutputs) {
  oriel_context *context = create(options(1, 1));
  float value[exampleChannels] = {};
  const void *inputs[] = {value}, *noInputs[] = {nullptr};
  void *outputs[] = {value}, *noOutputs[] = {nullptr};
  EXPECT_EQ(oriel_context_run(context, noInputs, outputs, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("input 0 ('input') is NULL"));
  EXPECT_EQ(oriel_context_run(context, nullptr, outputs, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_EQ(oriel_context_run(context, inputs, noOutputs, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("output 0 ('logits') is NULL"));
  oriel_context_release(context);
}

TEST_F(Context, UsesTheCallersOwnLoops) {
  struct Loops {
    int32_t count = 0, tasks = 0;
  } loops;
  oriel_context_options own = options(3, 5);
  own.parallel_for = [](void *pool, int32_t count, oriel_task_fn task, void *arg) {
    auto *loops = static_cast<Loops *>(pool);
    ++loops->count;
    // Backwards, on changing workers.
    for (int32_t i = count - 1; i >= 0; --i) {
      ++loops->tasks;
      if (int32_t result = task(arg, i, i % 5)) {
        return result;
      }
    }
    return 0;
  };
  own.parallel_for_pool = &loops;
  oriel_context *context = create(own);
  EXPECT_EQ(oriel_context_threads(context), 5);
  std::vector<float> input = exampleInput(3, 1), output;
  EXPECT_EQ(run(context, input, output), ORIEL_OK) << error.message;
  EXPECT_EQ(output, expected(input));
  EXPECT_EQ(loops.count, 1);
  EXPECT_EQ(loops.tasks, 3 * exampleClasses);
  oriel_context_release(context);
  // A profile notes their workers too: all five had tasks.
  own.profile = 1;
  context = create(own);
  for (unsigned round = 0; round < 2; ++round) {
    EXPECT_EQ(run(context, input, output), ORIEL_OK) << error.message;
    const oriel_profile *profile = oriel_context_profile(context);
    for (int worker = 0; worker < 5; ++worker) {
      oriel_span part = profile->workers[worker * profile->launch_count];
      EXPECT_LE(profile->launches[0].begin_ns, part.begin_ns);
      EXPECT_LE(part.begin_ns, part.end_ns);
      EXPECT_LE(part.end_ns, profile->launches[0].end_ns);
    }
  }
  oriel_context_release(context);
}

TEST_F(Context, CallsTheHooksAroundEveryLaunch) {
  std::vector<int> events;
  oriel_context_options hooked = options(1, 1);
  hooked.launch_begin = [](void *arg, int32_t launch) {
    static_cast<std::vector<int> *>(arg)->push_back(launch);
  };
  hooked.launch_end = [](void *arg, int32_t launch) {
    static_cast<std::vector<int> *>(arg)->push_back(100 + launch);
  };
  hooked.hook_arg = &events;
  oriel_context *context = create(hooked);
  std::vector<float> input = exampleInput(1, 1), output;
  EXPECT_EQ(run(context, input, output), ORIEL_OK);
  EXPECT_EQ(events, (std::vector<int>{0, 100, 1, 101}));
  oriel_context_release(context);
}

TEST_F(Context, ReadsWhatALaunchStoresDenselyInItsHook) {
  struct Reader {
    oriel_context *context = nullptr;
    std::vector<std::vector<float>> stores;
  } reader;
  oriel_context_options hooked = options(3, 1);
  hooked.slice = 3;
  hooked.launch_end = [](void *arg, int32_t launch) {
    auto &self = *static_cast<Reader *>(arg);
    self.stores.emplace_back(size_t(3 * exampleClasses));
    oriel_error error;
    EXPECT_EQ(oriel_context_read_store(self.context, launch, 0, self.stores.back().data(), &error),
              ORIEL_OK)
        << error.message;
  };
  hooked.hook_arg = &reader;
  reader.context = create(hooked);
  std::vector<float> input = exampleInput(3, 5), output;
  EXPECT_EQ(run(reader.context, input, output), ORIEL_OK);
  ASSERT_EQ(reader.stores.size(), 2u);
  EXPECT_EQ(reader.stores[1], output);
  // The second launch subtracts each row's largest logit, or 0.
  for (size_t item = 0; item < 3; ++item) {
    const float *logits = reader.stores[0].data() + item * exampleClasses;
    float largest = std::max(0.0f, *std::max_element(logits, logits + exampleClasses));
    for (size_t i = 0; i < exampleClasses; ++i) {
      EXPECT_EQ(logits[i] - largest, output[item * exampleClasses + i]);
    }
  }
  for (auto [launch, store] : {std::pair(2, 0), std::pair(-1, 0), std::pair(0, 1)}) {
    EXPECT_EQ(
        oriel_context_read_store(reader.context, launch, store, reader.stores[0].data(), &error),
        ORIEL_INVALID_ARGUMENT);
  }
  oriel_context_release(reader.context);
}

TEST_F(Context, RunsOneLaunchAloneOnWhatTheRunBeforeLeft) {
  std::vector<int> events;
  oriel_context_options hooked = options(2, 2);
  hooked.launch_begin = [](void *arg, int32_t launch) {
    static_cast<std::vector<int> *>(arg)->push_back(launch);
  };
  hooked.hook_arg = &events;
  oriel_context *context = create(hooked);
  std::vector<float> first = exampleInput(2, 1), second = exampleInput(2, 2), output;
  ASSERT_EQ(run(context, first, output), ORIEL_OK) << error.message;
  const void *inputs[] = {second.data()};
  void *outputs[] = {output.data()};
  auto runLaunch = [&](int32_t launch, int32_t repeats) {
    events.clear();
    return oriel_context_run_launch(context, launch, repeats, inputs, outputs, &error);
  };
  // The second launch reads the arena; its result is that of the first run until the first launch
  // has read the other input.
  std::fill(output.begin(), output.end(), -1.0f);
  EXPECT_EQ(runLaunch(1, 3), ORIEL_OK) << error.message;
  EXPECT_EQ(output, expected(first));
  EXPECT_EQ(events, (std::vector<int>{1, 1, 1}));
  EXPECT_EQ(runLaunch(0, 1), ORIEL_OK) << error.message;
  EXPECT_EQ(output, expected(first));
  EXPECT_EQ(runLaunch(1, 1), ORIEL_OK) << error.message;
  EXPECT_EQ(output, expected(second));
  oriel_context_release(context);
}

TEST_F(Context, RefusesLaunchesThatItDoesNotHaveOrThatHaveNothingToRead) {
  oriel_context *context = create(options(1, 1));
  std::vector<float> input = exampleInput(1, 1), output(exampleClasses);
  const void *inputs[] = {input.data()};
  void *outputs[] = {output.data()};
  auto runLaunch = [&](int32_t launch, int32_t repeats) {
    return oriel_context_run_launch(context, launch, repeats, inputs, outputs, &error);
  };
  EXPECT_EQ(runLaunch(0, 1), ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("run the context once"));
  ASSERT_EQ(run(context, input, output), ORIEL_OK);
  for (auto [launch, repeats] : {std::pair(-1, 1), std::pair(2, 1), std::pair(0, 0)}) {
    EXPECT_EQ(runLaunch(launch, repeats), ORIEL_INVALID_ARGUMENT);
    EXPECT_THAT(error.message, HasSubstr("give a launch from 0 to 1"));
  }
  inputs[0] = nullptr;
  EXPECT_EQ(runLaunch(0, 1), ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("is NULL"));
  // A kernel's failure is told, and the context goes on.
  inputs[0] = input.data();
  input[0] = -1000.0f;
  EXPECT_EQ(runLaunch(0, 5), ORIEL_KERNEL_FAILED);
  input[0] = 0.0f;
  EXPECT_EQ(runLaunch(0, 1), ORIEL_OK) << error.message;
  oriel_context_release(context);
}

// The batch of 4 is computed in two slices.
TEST_F(Context, NamesTheFirstLayerThatIsNotFiniteForEachItem) {
  oriel_context_options checked = options(4, 1);
  checked.check_numerics = 1;
  checked.slice = 2;
  oriel_context *context = create(checked);
  std::vector<float> input = exampleInput(4, 7), output;
  EXPECT_EQ(run(context, input, output), ORIEL_OK) << error.message;
  EXPECT_EQ(oriel_context_nonfinite(context, 0), nullptr);
  // Item 1 has a NaN of its own; in item 3 the first layer's sums pass the largest float.
  input[1 * exampleChannels + 9] = NAN;
  const std::vector<float> weights = exampleWeights();
  std::transform(weights.begin(), weights.begin() + exampleChannels,
                 input.begin() + 3 * exampleChannels,
                 [](float weight) { return std::copysign(FLT_MAX, weight); });
  EXPECT_EQ(run(context, input, output), ORIEL_NOT_FINITE);
  EXPECT_NE(std::string(error.message).find("item 1: the input 'input' holds a NaN at [0, 1, 1]"),
            std::string::npos)
      << error.message;
  EXPECT_EQ(oriel_context_nonfinite(context, 0), nullptr);
  EXPECT_EQ(oriel_context_nonfinite(context, 2), nullptr);
  EXPECT_EQ(oriel_context_nonfinite(context, 4), nullptr);
  const oriel_nonfinite *found = oriel_context_nonfinite(context, 3);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->launch, 0);
  EXPECT_NE(std::string(found->message).find("layer 'head.fc', or 'head.bias' in the same kernel"),
            std::string::npos)
      << found->message;
  // A later run starts anew, and a context without the check looks at nothing.
  input = exampleInput(4, 8);
  EXPECT_EQ(run(context, input, output), ORIEL_OK) << error.message;
  EXPECT_EQ(oriel_context_nonfinite(context, 3), nullptr);
  oriel_context_release(context);
  oriel_context *plain = create(options(4, 1));
  input[0] = INFINITY;
  EXPECT_EQ(run(plain, input, output), ORIEL_OK);
  EXPECT_EQ(oriel_context_nonfinite(plain, 0), nullptr);
  oriel_context_release(plain);
}

/// Expects the launches of a run to follow each other, and the parts of workers to lie within them.
void expectOrder(const oriel_profile &profile) {
  uint64_t end = profile.run.begin_ns;
  for (int at = 0; at < profile.slice_count * profile.launch_count; ++at) {
    int slice = at / profile.launch_count, launch = at % profile.launch_count;
    oriel_span span = profile.launches[at];
    EXPECT_LE(end, span.begin_ns);
    EXPECT_LE(span.begin_ns, span.end_ns);
    end = span.end_ns;
    int workers = 0;
    for (int worker = 0; worker < profile.worker_count; ++worker) {
      oriel_span part =
          profile.workers[(slice * profile.worker_count + worker) * profile.launch_count + launch];
      EXPECT_EQ(part.begin_ns == 0, part.end_ns == 0);
      if (part.begin_ns != 0) {
        ++workers;
        EXPECT_LE(span.begin_ns, part.begin_ns);
        EXPECT_LE(part.begin_ns, part.end_ns);
        EXPECT_LE(part.end_ns, span.end_ns);
      }
    }
    EXPECT_GE(workers, 1);
    EXPECT_LE(workers, launch == 0 ? profile.worker_count : 1);
  }
  EXPECT_LE(end, profile.run.end_ns);
}

TEST_F(Context, ProfilesLaunchesOneAfterTheOtherWithinTheRun) {
  for (auto [threads, slice] : {std::pair(1, 8), {1, 2}, {3, 8}, {3, 4}}) {
    oriel_pool_options poolOptions = {sizeof poolOptions, threads, 0, 0};
    oriel_pool *pool = nullptr;
    ASSERT_EQ(oriel_pool_create(&poolOptions, &pool, &error), ORIEL_OK);
    oriel_context_options profiled = options(8, threads);
    profiled.pool = pool;
    profiled.profile = 1;
    profiled.slice = slice;
    oriel_context *context = create(profiled);
    const oriel_profile *profile = oriel_context_profile(context);
    ASSERT_NE(profile, nullptr);
    ASSERT_EQ(profile->launch_count, 2);
    ASSERT_EQ(profile->worker_count, threads);
    ASSERT_EQ(profile->slice_count, 8 / slice);
    uint64_t end = 0;
    for (unsigned round = 0; round < 20; ++round) {
      std::vector<float> input = exampleInput(8, round), output;
      ASSERT_EQ(run(context, input, output), ORIEL_OK) << error.message;
      EXPECT_EQ(output, expected(input));
      ASSERT_EQ(oriel_context_profile(context), profile);
      EXPECT_LT(end, profile->run.begin_ns);
      end = profile->run.end_ns;
      expectOrder(*profile);
    }
    oriel_context_release(context);
    oriel_pool_release(pool);
  }
}

TEST_F(Context, KeepsTheCallersHooksUnderAProfileAndHasNoneWithout) {
  int calls = 0;
  oriel_context_options hooked = options(1, 1);
  hooked.launch_begin = hooked.launch_end = [](void *arg, int32_t) { ++*static_cast<int *>(arg); };
  hooked.hook_arg = &calls;
  oriel_context *plain = create(hooked);
  EXPECT_EQ(oriel_context_profile(plain), nullptr);
  hooked.profile = 1;
  oriel_context *profiled = create(hooked);
  std::vector<float> input = exampleInput(1, 1), output;
  EXPECT_EQ(run(profiled, input, output), ORIEL_OK);
  EXPECT_EQ(calls, 4);
  oriel_context_release(plain);
  oriel_context_release(profiled);
}

} // namespace
