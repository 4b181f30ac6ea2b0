// The tools around the runtime as a user calls them, on the hand-written example module.

#include "ToolFixture.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <filesystem>
#include <map>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

TEST_F(Tools, RunTakesAMultipleOfTheBatchInTurns) {
  std::vector<float> values = exampleInput(6, 1);
  std::string input = writeInput({6, 3, 8, 8}, values);
  for (const char *threads : {"1", "2"}) {
    Json json = this->json("run", module + " --input " + input + " --output " +
                                      folder.path("out.npy") + " --threads " + threads);
    EXPECT_EQ(json["runs"], 3);
    EXPECT_EQ(json["results"].size(), 6u);
    FloatArray output;
    std::string error;
    ASSERT_TRUE(readNpy(folder.path("out.npy"), output, error)) << error;
    EXPECT_EQ(output.shape, (std::vector<int64_t>{6, 16}));
    for (int item = 0; item < 6; ++item) {
      std::vector<float> logits(output.values.begin() + item * 16,
                                output.values.begin() + (item + 1) * 16);
      EXPECT_EQ(logits, exampleResult(values.data() + item * exampleChannels));
    }
  }
}

TEST_F(Tools, RunPrintsTheBestClassesOfEveryImage) {
  Outcome outcome = call("run", module + " --top 2 --image " + images + "rgb.png " + images +
                                    "grey.png " + images + "cmyk.jpg");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  std::vector<std::string> lines;
  std::istringstream stream(outcome.output);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  ASSERT_EQ(lines.size(), 4u);
  std::string classes = ": [a-z]+ [0-9]+\\.[0-9]%, [a-z]+ [0-9]+\\.[0-9]%";
  EXPECT_THAT(lines[0], testing::MatchesRegex(images + "rgb.png" + classes));
  EXPECT_THAT(lines[2], testing::MatchesRegex(images + "cmyk.jpg" + classes));
  EXPECT_THAT(lines[3], StartsWith("latency: "));
}

TEST_F(Tools, RunPadsTheLastBatchOfImages) {
  std::string two = " --image " + images + "rgb.png " + images + "grey.png";
  Json padded = json("run", module + two + " " + images + "cmyk.jpg");
  Json whole = json("run", module + two);
  Json single = json("run", module + " --image " + images + "cmyk.jpg");
  ASSERT_EQ(padded["results"].size(), 3u);
  EXPECT_EQ(padded["runs"], 2);
  EXPECT_EQ(padded["results"][0], whole["results"][0]);
  EXPECT_EQ(padded["results"][1], whole["results"][1]);
  EXPECT_EQ(padded["results"][2], single["results"][0]);
}

TEST_F(Tools, RunNamesClassesByTheLabelsOrElseByTheModule) {
  std::string labels;
  for (int i = 0; i < 16; ++i) {
    labels += "label " + std::to_string(i) + "\n";
  }
  std::string path = folder.write("labels.txt", Bytes(labels.begin(), labels.end()));
  std::string image = " --top 16 --image " + images + "rgb.png";
  Json named = json("run", module + image),
       labelled = json("run", module + image + " --labels " + path);
  const Json &byModule = named["results"][0]["top"], &byFile = labelled["results"][0]["top"];
  ASSERT_EQ(byModule.size(), 16u);
  double sum = 0;
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(byFile[i]["class"], "label " + byFile[i]["index"].dump());
    EXPECT_EQ(byFile[i]["index"], byModule[i]["index"]);
    sum += byModule[i]["probability"].get<double>();
    EXPECT_LE(byModule[i]["logit"], byModule[i > 0 ? i - 1 : 0]["logit"]);
  }
  EXPECT_NEAR(sum, 1.0, 1e-12);
  folder.write("labels.txt", Bytes(labels.begin(), labels.end() - 9));
  EXPECT_THAT(failure(1, "run", module + image + " --labels " + path),
              HasSubstr("has 15 labels for 16 classes"));
}

TEST_F(Tools, RunRefusesBadInput) {
  std::string input = writeInput({3, 3, 8, 8}, exampleInput(3, 1));
  EXPECT_THAT(failure(1, "run", module + " --input " + input),
              HasSubstr("has shape [3, 3, 8, 8], the model takes [2, 3, 8, 8]"));
  input = writeInput({0, 3, 8, 8}, {});
  EXPECT_THAT(failure(1, "run", module + " --input " + input), HasSubstr("has shape [0, 3, 8, 8]"));
  input = writeInput({2, 8, 8, 3}, exampleInput(2, 1));
  EXPECT_THAT(failure(1, "run", module + " --input " + input), HasSubstr("has shape [2, 8, 8, 3]"));
  EXPECT_THAT(failure(1, "run", module + " --image " + module),
              HasSubstr("neither a JPEG, a PNG nor"));
  EXPECT_THAT(failure(1, "run", "missing.so --image x.png"), HasSubstr("cannot open 'missing.so'"));
  EXPECT_THAT(failure(1, "run", input + " --image x.png"), HasSubstr("is not an Oriel module"));
  EXPECT_THAT(failure(1, "run", module + " --hide-features popcnt --image x.png"),
              HasSubstr("lacks popcnt"));
  EXPECT_THAT(failure(1, "run", module + " --hide-features popcorn --image x.png"),
              HasSubstr("unknown processor feature 'popcorn'"));
}

TEST_F(Tools, RunLeavesNoOutputWhereItFails) {
  std::string input = writeInput({2, 3, 8, 8}, exampleInput(2, 1));
  auto files = [&] {
    return std::distance(std::filesystem::directory_iterator(folder.path("")), {});
  };
  failure(1, "run", module + " --input " + input + " --output " + folder.path("none/out.npy"));
  auto before = files();
  EXPECT_THAT(failure(1, "run", module + " --input " + input + " --output /dev/full"),
              HasSubstr("No space left on device"));
  failure(1, "run", module + " --input " + input + " --output " + folder.path(""));
  // More bytes than the process may write.
  std::vector<float> many = exampleInput(200, 1);
  std::string large = folder.write("large.npy", {});
  ++before;
  std::string error;
  ASSERT_TRUE(writeNpy(large, {{200, 3, 8, 8}, many}, error)) << error;
  Outcome limited =
      call("run", module + " --threads 1 --input " + large + " --output " + folder.path("o.npy"),
           "ulimit -f 4; ");
  EXPECT_EQ(limited.status, 1);
  EXPECT_THAT(limited.error, HasSubstr("File too large"));
  std::vector<float> broken = exampleInput(2, 1);
  broken[0] = -1000;
  writeInput({2, 3, 8, 8}, broken);
  EXPECT_THAT(failure(1, "run", module + " --input " + input + " --output " + folder.path("o.npy")),
              HasSubstr("kernel check failed"));
  EXPECT_EQ(files(), before);
}

TEST_F(Tools, RunNamesTheFirstLayerThatIsNotFiniteForEachInput) {
  std::vector<float> values = exampleInput(4, 1);
  std::string input = writeInput({4, 3, 8, 8}, values);
  EXPECT_EQ(call("run", module + " --check-numerics --input " + input).status, 0);
  values[1 * exampleChannels] = INFINITY;
  const std::vector<float> weights = exampleWeights();
  std::transform(weights.begin(), weights.begin() + exampleChannels,
                 values.begin() + 3 * exampleChannels,
                 [](float weight) { return std::copysign(FLT_MAX, weight); });
  input = writeInput({4, 3, 8, 8}, values);
  EXPECT_EQ(call("run", module + " --input " + input).status, 0);
  Outcome outcome = call("run", module + " --check-numerics --json --input " + input);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.error, HasSubstr("input.npy[1]: the input 'input' holds +infinity at "));
  EXPECT_THAT(outcome.error, HasSubstr("input.npy[3]: layer 'head.fc', or 'head.bias' in "));
  EXPECT_THAT(outcome.error, HasSubstr("oriel-run: 2 of 4 inputs gave NaN or infinity"));
  Json results = Json::parse(outcome.output)["results"];
  ASSERT_EQ(results.size(), 4u);
  for (size_t item = 0; item < 4; ++item) {
    EXPECT_EQ(results[item].contains("not_finite"), item % 2 == 1) << item;
  }
}

TEST_F(Tools, RunTheVariantThatIsAskedFor) {
  std::string input = writeInput({2, 3, 8, 8}, exampleInput(2, 1));
  std::string v2 = module + " --variant x86-64-v2";
  EXPECT_EQ(json("run", v2 + " --input " + input)["target"], "x86-64-v2");
  EXPECT_EQ(json("bench", v2 + " --secs 0.01")["target"], "x86-64-v2");
  EXPECT_EQ(json("info", v2)["target"], "x86-64-v2");
  for (const char *tool : {"run", "bench", "info"}) {
    std::string source = tool == std::string("run") ? " --input " + input : "";
    EXPECT_THAT(
        failure(1, tool, module + " --variant x86-64-v9" + source),
        HasSubstr("has no variant for x86-64-v9: it was compiled for x86-64-v3, x86-64-v2"));
  }
}

/// A profile of `runs` runs on `threads` threads.
class ToolsProfile : public Tools {
protected:
  Json profile(int runs, int threads) {
    std::string input = writeInput({2, 3, 8, 8}, exampleInput(2, 1));
    Outcome outcome = call(
        "run", module + " --input " + input + " --repeat " + std::to_string(runs) + " --threads " +
                   std::to_string(threads) + " --profile=" + folder.path("p.json") + " --trace " +
                   folder.path("t.json"));
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    return read("p.json");
  }
  Json read(const char *name) {
    Bytes bytes = readFile(folder.path(name));
    return Json::parse(bytes.begin(), bytes.end());
  }
};

TEST_F(ToolsProfile, SumsOverModulesAreThoseOverKernels) {
  Json profile = this->profile(5, 2);
  EXPECT_EQ(profile["version"], 2);
  ASSERT_EQ(profile["runs"].size(), 5u);
  uint64_t inLaunches = 0;
  for (const Json &run : profile["runs"]) {
    EXPECT_LE(run["launches_ns"], run["wall_ns"]);
    inLaunches += run["launches_ns"].get<uint64_t>();
  }
  EXPECT_GT(inLaunches, 0u);
  std::map<std::string, uint64_t> modules;
  uint64_t own = 0;
  for (const Json &entry : profile["modules"]) {
    modules[entry["path"]] = entry["ns"];
    own += entry["self_ns"].get<uint64_t>();
  }
  EXPECT_EQ(own, inLaunches);
  for (const char *key : {"launches", "kernels", "layers", "families"}) {
    uint64_t sum = 0;
    for (const Json &entry : profile[key]) {
      sum += entry["ns"].get<uint64_t>();
    }
    EXPECT_EQ(sum, inLaunches) << key;
  }
  EXPECT_EQ(modules.size(), 4u);
  EXPECT_EQ(modules.at(""), inLaunches);
  EXPECT_EQ(modules.at("head"), modules.at("head.fc") + modules.at("head.centre"));
  EXPECT_EQ(profile["launches"][0]["layer"], "head.fc");
  EXPECT_EQ(profile["launches"][0]["flops"], 2 * 2 * 192 * 16);
}

TEST_F(ToolsProfile, ListsTheOtherLayersOfAKernel) {
  Json profile = this->profile(1, 1);
  EXPECT_EQ(profile["launches"][0]["layers"], (Json{"head.fc", "head.bias"}));
  for (const Json &layer : profile["layers"]) {
    EXPECT_EQ(layer["with"], layer["name"] == "head.fc" ? Json{"head.bias"} : Json::array());
  }
  EXPECT_EQ(read("t.json")["traceEvents"].back()["args"]["layers"], Json{"head.centre"});
}

TEST_F(ToolsProfile, SharesAreOfThePeaksMeasuredBeside) {
  Json profile = this->profile(3, 2);
  if (profile["peaks"].contains("missing")) {
    EXPECT_FALSE(profile["modules"][0].contains("flop_share"));
    GTEST_SKIP() << profile["peaks"]["missing"];
  }
  double peak = profile["peaks"]["gflop_s"];
  EXPECT_GT(peak, 0.0);
  for (const char *key : {"launches", "kernels", "layers", "families", "modules"}) {
    for (const Json &entry : profile[key]) {
      EXPECT_NEAR(entry["flop_share"], entry["gflop_s"].get<double>() / peak,
                  1e-9 + 1e-6 * entry["flop_share"].get<double>());
      EXPECT_GT(entry["bandwidth_share"], 0.0);
      EXPECT_GT(entry["limit_ns"], 0.0);
      // Of each launch what takes longer.
      double arithmetic = entry["flop_share"], memory = entry["bandwidth_share"];
      EXPECT_GE(entry["limit_share"], std::max(arithmetic, memory) * (1 - 1e-6));
      EXPECT_LE(entry["limit_share"], (arithmetic + memory) * (1 + 1e-6));
    }
  }
  // What fits into a level of memory is read at that level's rate.
  double fastest = profile["peaks"]["read"][0]["gb_s"];
  const Json &launch = profile["launches"][0];
  EXPECT_NEAR(launch["bandwidth_share"], launch["gb_s"].get<double>() / fastest,
              1e-6 * launch["bandwidth_share"].get<double>());
}

TEST_F(ToolsProfile, CountsEventsOrSaysWhyNot) {
  Json profile = this->profile(1, 2);
  const Json &entry = profile["modules"][0];
  for (const char *event : {"cycles", "instructions", "cache_misses", "branch_misses"}) {
    EXPECT_NE(entry.contains(event), profile.contains("counters_missing")) << event;
  }
  if (entry.contains("instructions")) {
    EXPECT_GT(entry["instructions"], 2 * 16 * 192);
  } else {
    EXPECT_NE(profile["counters_missing"], "");
    Outcome outcome = call("run", "--profile " + module + " --input " + folder.path("input.npy"));
    EXPECT_THAT(outcome.output, HasSubstr("\nhardware counters: "));
  }
}

TEST_F(ToolsProfile, TraceHasATrackForEachThreadAndTheLayersNames) {
  Json profile = this->profile(3, 2), trace = read("t.json");
  int tracks = 0, centres = 0;
  for (const Json &event : trace["traceEvents"]) {
    if (event["ph"] == "M") {
      tracks += event["name"] == "thread_name";
      continue;
    }
    EXPECT_GE(event["ts"], 0.0);
    EXPECT_GE(event["dur"], 0.0);
    EXPECT_LT(event["tid"], 2);
    centres += event["name"] == "head.centre";
  }
  EXPECT_EQ(tracks, 2);
  EXPECT_EQ(centres, 3);
}

TEST_F(Tools, RunPrintsWhereTheTimeGoes) {
  std::string input = writeInput({2, 3, 8, 8}, exampleInput(2, 1));
  Outcome outcome = call("run", module + " --input " + input + " --profile");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  for (const char *text : {"\nkind of kernel", "\ngemm ", "\n(whole model) ", "\nhead ",
                           "\nlinear ", "\nhead.centre ", "\nkernels take "}) {
    EXPECT_THAT(outcome.output, HasSubstr(text));
  }
  failure(1, "run", module + " --input " + input + " --profile=" + folder.path("none/p.json"));
  // It takes no argument that is not behind "=".
  EXPECT_EQ(call("run", "--profile " + module + " --input " + input).status, 0);
}

TEST_F(Tools, WrongUsageIsExitCodeTwo) {
  failure(2, "run", "");
  failure(2, "run", module);
  failure(2, "run", module + " --input a.npy --image b.png");
  failure(2, "run", module + " --input a.npy --threads 0");
  failure(2, "run", module + " --input a.npy --top many");
  failure(2, "run", module + " --input a.npy --unknown");
  failure(2, "bench", module + " --secs -1");
  failure(2, "info", "");
  failure(2, "info", module + " extra");
}

TEST_F(Tools, HelpHasAnExampleAndVersionANumber) {
  for (const char *tool : {"run", "bench", "info", "eval"}) {
    Outcome help = call(tool, "--help"), version = call(tool, "--version");
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.output, HasSubstr("Example:\n  oriel-" + std::string(tool)));
    EXPECT_EQ(version.status, 0);
    EXPECT_EQ(version.output, ORIEL_VERSION "\n");
  }
}

TEST_F(Tools, BenchGivesConsistentTimes) {
  Json json = this->json("bench", module + " --secs 0.05 --threads 2");
  EXPECT_GE(json["runs"], 1);
  EXPECT_GT(json["min_ms"], 0.0);
  EXPECT_LE(json["min_ms"], json["median_ms"]);
  EXPECT_LE(json["median_ms"], json["p90_ms"]);
  EXPECT_THAT(call("bench", module + " --secs 0.05").output, HasSubstr("median_ms"));
}

TEST_F(Tools, BenchComparesTwoModules) {
  Json json = this->json("bench", module + " --against " + module + " --secs 0.05 --threads 1");
  EXPECT_EQ(json["first"]["runs"], json["second"]["runs"]);
  EXPECT_GE(json["first"]["runs"], 5);
  EXPECT_LE(json["ratio_low"], json["ratio"]);
  EXPECT_LE(json["ratio"], json["ratio_high"]);
  EXPECT_THAT(call("bench", module + " --against " + module + " --secs 0.05").output,
              HasSubstr("times as fast (95 %: "));
  failure(1, "bench", module + " --against /dev/null");
}

TEST_F(Tools, BenchTimesOneKernelByItsNameOrALayers) {
  Json json = this->json("bench", module + " --kernel linear --secs 0.05 --threads 2 --batch 3");
  EXPECT_EQ(json["kernel"], "linear");
  EXPECT_EQ(json["family"], "gemm");
  EXPECT_EQ(json["layer"], "head.fc");
  EXPECT_EQ(json["batch"], 3);
  EXPECT_GE(json["samples"], 5);
  EXPECT_GT(json["min_us"], 0.0);
  EXPECT_LE(json["min_us"], json["median_us"]);
  EXPECT_LE(json["median_us"], json["p90_us"]);
  double nanoseconds = json["median_us"].get<double>() * 1e3;
  EXPECT_DOUBLE_EQ(json["gflop_s"], 2.0 * 3 * 192 * 16 / nanoseconds);
  EXPECT_DOUBLE_EQ(json["gb_s"], 4.0 * (3 * (192 + 16) + 192 * 16) / nanoseconds);
  EXPECT_EQ(this->json("bench", module + " --kernel head.bias --secs 0.01")["kernel"], "linear");
  EXPECT_EQ(this->json("bench", module + " --kernel head.centre --secs 0.01")["kernel"], "centre");
  EXPECT_THAT(call("bench", module + " --kernel centre --secs 0.01").output,
              HasSubstr("median_us"));
}

TEST_F(Tools, BenchNamesCloseKernelsWhereOneIsUnknown) {
  EXPECT_THAT(failure(1, "bench", module + " --kernel head.center"),
              HasSubstr("no kernel and no layer is called 'head.center'; did you mean "
                        "'head.centre', "));
  failure(2, "bench", module + " --kernel linear --against " + module);
}

TEST_F(Tools, InfoShowsEveryTable) {
  Json json = this->json("info", module);
  EXPECT_EQ(json["model"], "example");
  EXPECT_EQ(json["signature"]["inputs"][0]["shape"], (Json{2, 3, 8, 8}));
  EXPECT_EQ(json["signature"]["class_names"].size(), 16u);
  EXPECT_EQ(json["signature"]["preprocessing"]["interpolation"], "bicubic");
  ASSERT_EQ(json["variants"].size(), 2u);
  EXPECT_EQ(json["variants"][1]["target"], "x86-64-v2");
  EXPECT_EQ(json["variants"][1]["missing_features"], "");
  EXPECT_EQ(json["arena_bytes_per_item"], 17 * 4);
  EXPECT_EQ(json["parameter_bytes"], 16 * 192 * 4);
  EXPECT_EQ(json["parameter_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(json["kernels"][0], (Json{{"name", "linear"}, {"family", "gemm"}, {"launches", 1}}));
  EXPECT_EQ(json["launches"].size(), 2u);
  EXPECT_EQ(json["launches"][0], (Json{{"name", "linear_0"},
                                       {"kernel", "linear"},
                                       {"layer", "head.fc"},
                                       {"layers", {"head.fc", "head.bias"}},
                                       {"flops", 2 * 2 * 192 * 16},
                                       {"bytes", 2 * 4 * (192 + 16) + 4 * 192 * 16},
                                       {"moves_only", false}}));
  Outcome text = call("info", module);
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.output, HasSubstr(": 2 launches of 2 kernels"));
  EXPECT_THAT(failure(1, "info", "/dev/null"), HasSubstr("is not a regular file"));
}

} // namespace
