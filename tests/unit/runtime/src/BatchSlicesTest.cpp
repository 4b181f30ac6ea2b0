#include "ContextFixture.h"

using namespace oriel::test;

namespace {

using BatchSlices = ContextTest;

TEST_F(BatchSlices, GivesTheSameInSlicesOfEverySize) {
  for (int threads : {1, 2}) {
    for (int slice : {1, 2, 3, 6}) {
      oriel_context_options sliced = options(6, threads);
      sliced.slice = slice;
      oriel_context *context = create(sliced);
      EXPECT_EQ(oriel_context_batch(context), 6);
      EXPECT_EQ(oriel_context_slice(context), slice);
      for (unsigned round = 0; round < 3; ++round) {
        std::vector<float> input = exampleInput(6, round), output;
        ASSERT_EQ(run(context, input, output), ORIEL_OK) << error.message;
        ASSERT_EQ(output, expected(input)) << "slices of " << slice;
      }
      oriel_context_release(context);
    }
  }
}

TEST_F(BatchSlices, ComputesAsManyItemsAtOnceAsTheCachesOfItsThreadsHold) {
  // The example's caches hold the arena of two items for each worker.
  struct Expected {
    int batch, threads, slice;
  };
  for (Expected wanted : {Expected{8, 1, 2},
                          {8, 2, 4},
                          {8, 3, 4},
                          {8, 4, 8},
                          {6, 2, 3},
                          {7, 1, 1},
                          {2, 1, 2},
                          {1, 4, 1}}) {
    oriel_context_options own = options(wanted.batch, wanted.threads);
    own.parallel_for = [](void *, int32_t, oriel_task_fn, void *) { return 0; };
    oriel_context *context = create(own);
    EXPECT_EQ(oriel_context_slice(context), wanted.slice)
        << "batch " << wanted.batch << ", threads " << wanted.threads;
    oriel_context_release(context);
  }
}

TEST_F(BatchSlices, HasTheArenaOfOneSlice) {
  oriel_pool_options poolOptions = {sizeof poolOptions, 1, 0, 0};
  oriel_pool *pool = nullptr;
  ASSERT_EQ(oriel_pool_create(&poolOptions, &pool, &error), ORIEL_OK);
  oriel_context_options whole = options(8, 1), sliced = whole, one = options(1, 1);
  whole.slice = 8;
  sliced.slice = 1;
  oriel_context *contexts[] = {create(whole), create(sliced), create(one)};
  EXPECT_GE(oriel_context_workspace_bytes(contexts[0]), oriel_context_workspace_bytes(contexts[1]));
  EXPECT_EQ(oriel_context_workspace_bytes(contexts[1]), oriel_context_workspace_bytes(contexts[2]));
  for (oriel_context *context : contexts) {
    oriel_context_release(context);
  }
  oriel_pool_release(pool);
}

TEST_F(BatchSlices, EndsWithTheFirstSliceThatFails) {
  int launches = 0;
  oriel_context_options hooked = options(6, 1);
  hooked.slice = 2;
  hooked.launch_begin = [](void *arg, int32_t) { ++*static_cast<int *>(arg); };
  hooked.hook_arg = &launches;
  oriel_context *context = create(hooked);
  std::vector<float> input = exampleInput(6, 1), output;
  EXPECT_EQ(run(context, input, output), ORIEL_OK);
  EXPECT_EQ(launches, 3 * 2);
  launches = 0;
  input[2 * exampleChannels] = -1000;
  EXPECT_EQ(run(context, input, output), ORIEL_KERNEL_FAILED);
  EXPECT_LE(launches, 2 * 2);
  input[2 * exampleChannels] = 0.5;
  EXPECT_EQ(run(context, input, output), ORIEL_OK);
  EXPECT_EQ(output, expected(input));
  oriel_context_release(context);
}

TEST_F(BatchSlices, ReadsTheItemsOfEachSlice) {
  struct Reader {
    oriel_context *context = nullptr;
    std::vector<float> logits;
  } reader;
  oriel_context_options hooked = options(6, 1);
  hooked.slice = 2;
  hooked.launch_end = [](void *arg, int32_t launch) {
    auto &self = *static_cast<Reader *>(arg);
    std::vector<float> items(2 * exampleClasses);
    oriel_error error;
    EXPECT_EQ(oriel_context_read_store(self.context, launch, 0, items.data(), &error), ORIEL_OK);
    if (launch == 1) {
      self.logits.insert(self.logits.end(), items.begin(), items.end());
    }
  };
  hooked.hook_arg = &reader;
  reader.context = create(hooked);
  std::vector<float> input = exampleInput(6, 5), output;
  EXPECT_EQ(run(reader.context, input, output), ORIEL_OK);
  EXPECT_EQ(reader.logits, output);
  oriel_context_release(reader.context);
}

} // namespace
