//===- SafetensorsTest.cpp - Valid and malformed safetensors files --------===//

#include "frontend/Safetensors.h"

#include "tests/unit/frontend/SafetensorsText.h"
#include "llvm/Support/MathExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>
#include <sys/stat.h>

using namespace oriel;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::vector<float> readAll(const SafetensorsFile &file, std::string_view name) {
  size_t count = 1;
  std::vector<int64_t> shape = file.lookup(name).value();
  for (int64_t size : shape) {
    count *= static_cast<size_t>(size);
  }
  std::vector<float> values(count);
  llvm::cantFail(file.read(name, values.data()));
  return values;
}

/// Error of opening a file with this content; one line that begins with the path.
std::string errorOf(const std::string &content) {
  TemporaryFile file(content);
  auto opened = SafetensorsFile::open(file.getPath());
  if (opened) {
    return "opened";
  }
  std::string text = toString(opened.takeError());
  EXPECT_THAT(text, StartsWith(file.getPath() + ": "));
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text.substr(file.getPath().size() + 2);
}

std::string errorOfHeader(const std::string &json, size_t dataSize = 0) {
  return errorOf(safetensors(json, std::string(dataSize, '\0')));
}

} // namespace

TEST(SafetensorsTest, ReadsTensorsOfAllThreeFloatTypesWhereverTheyLie) {
  // BF16 first: the F32 values are not aligned.
  std::string data = bytesOf<uint16_t>({0x3f80, 0xc040, 0x7f80}) +
                     bytesOf<float>({1.5F, -2, 3, 4, 5, 6}) + bytesOf<uint16_t>({0x3c00});
  TemporaryFile temporary(
      safetensors(R"({"__metadata__":{"format":"pt"},)"
                  R"("m":{"dtype":"F32","shape":[2,3],"data_offsets":[6,30]},)"
                  R"("b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},)"
                  R"("s":{"data_offsets":[30,32],"shape":[],"dtype":"F16"},)"
                  R"("empty":{"dtype":"F32","shape":[0,7],"data_offsets":[30,30]}}  )",
                  data));
  auto file = llvm::cantFail(SafetensorsFile::open(temporary.getPath()));
  EXPECT_EQ(file->lookup("m"), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file->lookup("s"), (std::vector<int64_t>{}));
  EXPECT_EQ(file->lookup("n"), std::nullopt);
  EXPECT_THAT(readAll(*file, "m"), ElementsAre(1.5F, -2, 3, 4, 5, 6));
  EXPECT_THAT(readAll(*file, "b"), ElementsAre(1, -3, INFINITY));
  EXPECT_THAT(readAll(*file, "s"), ElementsAre(1));
  EXPECT_THAT(readAll(*file, "empty"), ElementsAre());
}

TEST(SafetensorsTest, EveryHalfIsReadExactly) {
  std::vector<uint16_t> halves(65536);
  std::iota(halves.begin(), halves.end(), 0);
  TemporaryFile temporary(
      safetensors(R"({"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}})",
                  bytesOf<uint16_t>(halves)));
  auto file = llvm::cantFail(SafetensorsFile::open(temporary.getPath()));
  std::vector<float> values = readAll(*file, "h");
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    // IEEE 754, 3.4: binary16.
    int exponent = (bits >> 10) & 31, fraction = bits & 1023;
    double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? std::ldexp(fraction, -24)
                                       : std::ldexp(1024 + fraction, exponent - 25);
    auto expected = static_cast<float>(bits & 0x8000 ? -magnitude : magnitude);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(values[bits])) << bits;
    } else {
      ASSERT_EQ(values[bits], expected) << bits;
      ASSERT_EQ(std::signbit(values[bits]), std::signbit(expected)) << bits;
    }
  }
}

TEST(SafetensorsTest, TensorsOfOtherTypesAreErrorsOnlyWhenRead) {
  TemporaryFile temporary(safetensors(R"({"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})",
                                      std::string(8, '\0')));
  auto file = llvm::cantFail(SafetensorsFile::open(temporary.getPath()));
  float value;
  EXPECT_EQ(toString(file->read("n", &value)),
            temporary.getPath() + ": tensor 'n' is I64; F32, F16 and BF16 can be read");
  EXPECT_EQ(toString(file->read("m", &value)), temporary.getPath() + ": no tensor 'm'");
}

TEST(SafetensorsTest, AFileThatCannotBeReadIsAnError) {
  EXPECT_THAT(toString(SafetensorsFile::open("no/such/file").takeError()),
              StartsWith("no/such/file: cannot be read: "));
  EXPECT_EQ(toString(SafetensorsFile::open("/tmp").takeError()), "/tmp: not a regular file");
  EXPECT_EQ(toString(SafetensorsFile::open("/dev/zero").takeError()),
            "/dev/zero: not a regular file");
}

TEST(SafetensorsTest, AHeaderThatTheFileCannotHoldIsAnError) {
  EXPECT_EQ(errorOf(""), "0 bytes are too few for a safetensors file");
  EXPECT_EQ(errorOf("1234567"), "7 bytes are too few for a safetensors file");
  EXPECT_EQ(errorOf(bytesOf<uint64_t>({3}) + "{}"),
            "the header of 3 bytes is longer than the file of 10 bytes; truncated, or not a "
            "safetensors file");
  EXPECT_THAT(errorOf(bytesOf<uint64_t>({UINT64_MAX}) + "{}"),
              StartsWith("the header of 18446744073709551615 bytes is longer than the file"));
  EXPECT_EQ(errorOf(bytesOf<uint64_t>({0})), "the header does not begin with '{'");
}

TEST(SafetensorsTest, AHeaderThatIsNotTheFormatsJsonIsAnError) {
  for (auto [json, expected] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "the header does not begin with '{'"},
           {"{", "the header is malformed: it is not valid JSON at byte 2"},
           {"{}}", "the header is malformed: it is not valid JSON at byte 3"},
           {"{\"a\xff\":{}}", "the header is malformed: it is not valid JSON at byte 4"},
           {R"({"a":1})", "the header is malformed: a number has no place there"},
           {R"({"a":"x"})", "the header is malformed: a string has no place there"},
           {R"({"a":null})", "the header is malformed: null has no place in it"},
           {R"({"a":true})", "the header is malformed: a boolean has no place in it"},
           {R"({"a":[]})", "the header is malformed: an array has no place there"},
           {R"({"__metadata__":{"a":{}}})",
            "the header is malformed: an object has no place there"},
           {R"({"__metadata__":{"a":1}})", "the header is malformed: a number has no place there"},
           {R"({"__metadata__":1})", "the header is malformed: a number has no place there"},
       }) {
    EXPECT_EQ(errorOfHeader(json), expected) << json;
  }
  EXPECT_THAT(errorOfHeader(std::string(1'000'000, '{')), HasSubstr("not valid JSON"));
  EXPECT_THAT(errorOfHeader(R"({"a":{"shape":)" + std::string(1'000'000, '[')),
              HasSubstr("tensor 'a': an array has no place there"));
}

TEST(SafetensorsTest, AMalformedTensorIsAnErrorThatNamesIt) {
  auto errorOfTensor = [](const std::string &fields) {
    std::string error = errorOfHeader(R"({"t":{)" + fields + "}}", 8);
    llvm::StringRef text = error;
    EXPECT_TRUE(text.consume_front("the header is malformed: tensor 't': ") ||
                text.consume_front("tensor 't': "))
        << error;
    return text.str();
  };
  const std::string f32 = R"("dtype":"F32",)", shape = R"("shape":[2],)";
  EXPECT_EQ(errorOfTensor(""), "it lacks dtype, shape or data_offsets");
  EXPECT_EQ(errorOfTensor(f32 + R"("shape":[2])"), "it lacks dtype, shape or data_offsets");
  EXPECT_EQ(errorOfTensor(f32 + f32 + R"("shape":[2])"), "the field 'dtype' occurs twice");
  EXPECT_EQ(errorOfTensor(f32 + R"("strides":[1])"), "it has the unknown field 'strides'");
  EXPECT_EQ(errorOfTensor(R"("dtype":"F31")"), "its dtype 'F31' is unknown");
  EXPECT_EQ(errorOfTensor(R"("dtype":"F\n32")"), R"(its dtype 'F\0A32' is unknown)");
  EXPECT_EQ(errorOfTensor(R"("dtype":32)"), "a number has no place there");
  EXPECT_EQ(errorOfTensor(R"("dtype":["F32"])"), "an array has no place there");
  EXPECT_EQ(errorOfTensor(R"("shape":2)"), "a number has no place there");
  EXPECT_EQ(errorOfTensor(R"("shape":[[2]])"), "an array has no place there");
  EXPECT_EQ(errorOfTensor(R"("shape":["2"])"), "a string has no place there");
  EXPECT_EQ(errorOfTensor(R"("shape":[-2])"), "a number is negative");
  EXPECT_EQ(errorOfTensor(R"("shape":[2.0])"), "a number is not whole or too large");
  EXPECT_EQ(errorOfTensor(R"("shape":[18446744073709551616])"),
            "a number is not whole or too large");
  EXPECT_EQ(errorOfTensor(R"("shape":[9223372036854775808])"), "a number is too large");
  EXPECT_EQ(errorOfTensor(R"("data_offsets":[0])"), "data_offsets must be two numbers");
  EXPECT_EQ(errorOfTensor(R"("data_offsets":[0,8,8])"), "data_offsets must be two numbers");
  EXPECT_EQ(errorOfTensor(f32 + shape + R"("data_offsets":[8,0])"),
            "its offsets are reversed, bytes 8 to 0");
  EXPECT_EQ(errorOfTensor(f32 + R"("shape":[3],"data_offsets":[0,12])"),
            "bytes 0 to 12 lie outside of the 8 bytes of data; is the file truncated?");
  EXPECT_EQ(errorOfTensor(f32 + shape + R"("data_offsets":[0,18446744073709551615])"),
            "bytes 0 to 18446744073709551615 lie outside of the 8 bytes of data; is the file "
            "truncated?");
  EXPECT_EQ(errorOfTensor(f32 + R"("shape":[3],"data_offsets":[0,8])"),
            "bytes 0 to 8 are not the size of F32 3");
  EXPECT_EQ(errorOfTensor(R"("dtype":"F4","shape":[15],"data_offsets":[0,8])"),
            "bytes 0 to 8 are not the size of F4 15");
  // 2^32 * 2^32 elements; 2^62 * 4 bytes.
  EXPECT_EQ(errorOfTensor(f32 + R"("shape":[4294967296,4294967296],"data_offsets":[0,0])"),
            "bytes 0 to 0 are not the size of F32 4294967296x4294967296");
  EXPECT_EQ(errorOfTensor(f32 + R"("shape":[4611686018427387904],"data_offsets":[0,0])"),
            "bytes 0 to 0 are not the size of F32 4611686018427387904");
}

TEST(SafetensorsTest, TensorsMustFillTheDataWithoutGapOrOverlap) {
  auto tensor = [](const std::string &name, int begin, int end) {
    return "\"" + name + R"(":{"dtype":"U8","shape":[)" + std::to_string(end - begin) +
           R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
  };
  EXPECT_EQ(errorOfHeader("{" + tensor("a", 0, 4) + "," + tensor("b", 4, 8) + "}", 8), "opened");
  EXPECT_EQ(errorOfHeader("{" + tensor("b", 4, 8) + "," + tensor("a", 0, 4) + "}", 8), "opened");
  EXPECT_EQ(errorOfHeader("{" + tensor("a", 0, 4) + "," + tensor("b", 3, 8) + "}", 8),
            "tensor 'b': bytes 3 to 8 overlap the tensor before, which ends at byte 4");
  EXPECT_EQ(errorOfHeader("{" + tensor("a", 0, 4) + "," + tensor("b", 5, 8) + "}", 8),
            "tensor 'b': bytes 5 to 8 leave a gap after the tensor before, which ends at byte 4");
  EXPECT_EQ(errorOfHeader("{" + tensor("a", 0, 4) + "}", 8),
            "4 bytes after the last tensor belong to none");
  EXPECT_EQ(errorOfHeader("{}", 8), "8 bytes after the last tensor belong to none");
  EXPECT_EQ(errorOfHeader("{" + tensor("a", 0, 4) + "," + tensor("a", 4, 8) + "}", 8),
            "the header is malformed: the name 'a' occurs twice");
}

TEST(SafetensorsTest, ATruncatedFileIsAnErrorAtEveryLength) {
  std::string whole =
      safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(errorOf(whole.substr(0, size)), "opened") << size;
  }
  EXPECT_EQ(errorOf(whole), "opened");
}

// Whatever a byte of the header becomes, the file is refused in one line, or read within bounds.
TEST(SafetensorsTest, ChangedHeadersAreRefusedOrReadWithinBounds) {
  const std::string json = R"({"__metadata__":{"k":"v"},)"
                           R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                           R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[8,16]}})";
  std::mt19937 random(1);
  const std::string alphabet = "\"{}[],:0123456789-.eEFBU \\n\xff";
  int opened = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = json;
    for (uint32_t edits = random() % 3 + 1; edits != 0; --edits) {
      changed[random() % changed.size()] = alphabet[random() % alphabet.size()];
    }
    auto entries = parseSafetensorsHeader(changed, 16);
    if (!entries) {
      std::string text = toString(entries.takeError());
      ASSERT_EQ(text.find('\n'), std::string::npos) << text;
      continue;
    }
    ++opened;
    for (const SafetensorsEntry &entry : *entries) {
      ASSERT_LE(entry.begin, entry.end);
      ASSERT_LE(entry.end, 16u);
    }
  }
  EXPECT_GT(opened, 0);
}
