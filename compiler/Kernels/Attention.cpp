//===- Attention.cpp - softmax(q k^T) v by heads --------------------------===//
//
//   [roll] [window_partition | unfold_patches] -> split_heads -> q, k, v
//   [scale] matmul(q, k^T) [scale] [add | add_window_bias] softmax -> p
//   matmul(p, v) -> merge_heads -> [window_reverse | fold_patches] [roll]
//
// Windows are index maps: rows of q, k and v are gathered from the pixels of a group's tokens, and
// the result's rows are scattered to theirs. Addresses never divide the channel, which vectors run
// over.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Attention.h"

#include "compiler/Kernels/Exponential.h"
#include "compiler/Kernels/Families.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::RDom, Halide::Var;

/// The coordinates in a buffer of the pixel of token t of group g of so many tokens, from a table
/// with processors.
static std::pair<Expr, Expr> pixelOf(KernelBuilder &builder, Attention &attention,
                                     const BufferLayout &layout, const TokenMap &map, int tokens,
                                     const Expr &t, const Expr &g) {
  int width = map.getWidth(), height = map.getHeight();
  // Bounds inference does not see that these are pixels of the map.
  if (builder.target.isGpu()) {
    return {unsafe_promise_clamped(map.x(t, g), 0, width - 1),
            unsafe_promise_clamped(map.y(t, g), 0, height - 1)};
  }
  auto known = llvm::find_if(attention.pixels, [&](const TokenPixels &table) {
    return table.map == map && table.tokens == tokens;
  });
  if (known == attention.pixels.end()) {
    TokenPixels table{map, tokens, Func("pixel")};
    Var token("t"), group("g");
    Expr pixel = map.y(token, group) * width + map.x(token, group);
    // Its bounds are hidden from Halide, which clamps indices that it reads from a Func of known
    // bounds (Halide: src/ClampUnsafeAccesses.cpp).
    table.pixel(token, group) = Halide::reinterpret<int32_t>(Halide::reinterpret<uint32_t>(pixel));
    known = attention.pixels.insert(known, table);
  }
  Expr pixel = unsafe_promise_clamped(known->pixel(t, g), 0, height * width - 1);
  // Without a halo the rows lie one behind the other; coordinates of the caller's are clamped.
  bool isFlat = !layout.exact && !layout.hasHalo();
  return isFlat ? std::pair(pixel, Expr(0)) : std::pair(pixel % width, pixel / width);
}

Value oriel::sourceOf(SplitHeadsOp split, ArrayRef<Operation *> maps) {
  return maps.empty() ? split.getInput() : maps.front()->getOperand(0);
}

/// The rows of q, k or v: element c of token t.
static Expr readHead(KernelBuilder &builder, Attention &attention, SplitHeadsOp split,
                     ArrayRef<Operation *> maps, Expr c, const Expr &t, const Expr &h,
                     const Expr &g, const Expr &b) {
  auto shape = split.getType().getShape();
  int channels = static_cast<int>(shape[4]);
  Value source = sourceOf(split, maps);
  if (builder.layoutOf(source).exact && channels % panelLanes != 0) {
    // No lanes beyond the head, lest they lie behind the caller's memory.
    c = min(c, channels - 1);
  }
  int first = static_cast<int>(split.getPart() * split.getHeads()) * channels;
  Expr channel = first + h * channels + c;
  Func rows = builder.get(source).func;
  if (maps.empty()) {
    return rows(channel, t, g, b);
  }
  auto [x, y] = pixelOf(builder, attention, builder.layoutOf(source), TokenMap(maps),
                        static_cast<int>(shape[3]), t, g);
  return rows(channel, x, y, b);
}

/// key(t, c) = keyRows(c, t), by blocks of 4x4 elements. An element's number in its block is
/// token * 4 + channel, four bits. A perfect shuffle, which interleaves the halves of the block,
/// rotates the bits by one, so two of them make it channel * 4 + token.
static void transposeKey(Attention &attention) {
  constexpr int size = Attention::transposed;
  Var e("e"), cs("cs"), ts("ts"), t("t"), c("c"), h("h"), g("g"), b("b");
  Func block("key_block");
  block(e, cs, ts, h, g, b) =
      attention.keyRows(cs * size + e % size, ts * size + e / size, h, g, b);
  attention.keyBlocks.push_back(block);
  for (int step = 0; step < 2; ++step) {
    Func shuffled("key_shuffled");
    shuffled(e, cs, ts, h, g, b) = block(e % 2 * (size * size / 2) + e / 2, cs, ts, h, g, b);
    attention.keyBlocks.push_back(shuffled);
    block = shuffled;
  }
  attention.key = Func("key");
  attention.key(t, c, h, g, b) = block(c % size * size + t % size, c / size, t / size, h, g, b);
}

static void defineHeads(KernelBuilder &builder, Attention &attention) {
  AttentionPlan plan = builder.plan.attention;
  Var c("c"), t("t"), h("h"), g("g"), b("b");
  attention.query = Func("query");
  attention.keyRows = Func("key_rows");
  attention.value = Func("value");
  // Rows that fill up a tile repeat the last token.
  Expr query = min(t, attention.queries - 1), key = min(t, attention.keys - 1);
  attention.query(c, t, h, g, b) =
      readHead(builder, attention, plan.query, plan.queryMaps, c, query, h, g, b);
  attention.keyRows(c, t, h, g, b) =
      readHead(builder, attention, plan.key, plan.keyMaps, c, key, h, g, b);
  if (builder.target.isGpu()) {
    // Threads run over the tokens, and each reads a row.
    attention.key = Func("key");
    attention.key(t, c, h, g, b) = attention.keyRows(c, t, h, g, b);
  } else {
    transposeKey(attention);
  }
  attention.value(c, t, h, g, b) =
      readHead(builder, attention, plan.value, plan.valueMaps, c, t, h, g, b);
}

/// The table that is added to the scores, read no farther than it goes by the lanes and rows that
/// fill up a tile.
static DefinedValue clampTable(const DefinedValue &table) {
  DefinedValue clamped = table;
  clamped.func = Func("table");
  std::vector<Var> arguments = outerDimensions(table.rank() - 1);
  arguments.insert(arguments.begin(), Var("j"));
  std::vector<Expr> at(arguments.begin(), arguments.end());
  for (size_t i = 0; i < std::min<size_t>(at.size(), 2); ++i) {
    at[i] = min(at[i], static_cast<int>(table.shape[table.rank() - 1 - i]) - 1);
  }
  clamped.func(arguments) = table.func(at);
  return clamped;
}

/// The products times the scale, with the bias. Scaled here and not as q is read, so that q can be
/// read where it lies; with a bias it is one multiply-add.
static Func scaleAndAddBias(KernelBuilder &builder, const Func &products) {
  AttentionPlan plan = builder.plan.attention;
  Func scaled("scaled");
  std::vector<Var> arguments = products.args();
  scaled(arguments) = products(std::vector<Expr>(arguments.begin(), arguments.end())) *
                      static_cast<float>(plan.scale);
  if (!plan.bias) {
    return scaled;
  }
  DefinedValue matrix{scaled, SmallVector<int64_t>(plan.scores.getType().getShape())};
  DefinedValue table = clampTable(builder.get(plan.bias->getOperand(1)));
  return define(plan.bias, {matrix, table}).func;
}

static void defineScores(KernelBuilder &builder, Attention &attention) {
  Var j("j"), i("i"), h("h"), g("g"), b("b");
  RDom k(0, attention.channels, "k");
  attention.products = Func("products");
  attention.products(j, i, h, g, b) = 0.0f;
  attention.products(j, i, h, g, b) +=
      attention.query(k, i, h, g, b) * attention.key(j, k, h, g, b);
  Func biased = scaleAndAddBias(builder, attention.products);
  attention.scores = Func("scores");
  if (!attention.isLastKeyApart()) {
    attention.scores(j, i, h, g, b) = select(j < attention.keys, biased(j, i, h, g, b), -1e30f);
    return;
  }
  attention.scores(j, i, h, g, b) = biased(j, i, h, g, b);

  int last = attention.keys - 1;
  attention.lastDomain = RDom(0, attention.channels, "last_k");
  attention.lastProducts = Func("last_products");
  attention.lastProducts(i, h, g, b) = 0.0f;
  attention.lastProducts(i, h, g, b) += attention.query(attention.lastDomain, i, h, g, b) *
                                        attention.keyRows(attention.lastDomain, last, h, g, b);
  Func column("last_column");
  column(j, i, h, g, b) = attention.lastProducts(i, h, g, b);
  attention.lastScores = Func("last_scores");
  attention.lastScores(i, h, g, b) = scaleAndAddBias(builder, column)(last, i, h, g, b);
}

static void defineSoftmaxAndSums(Attention &attention, const KernelTarget &target) {
  Var c("c"), j("j"), i("i"), h("h"), g("g"), b("b");
  // Over whole vectors: the padding's scores are masked.
  int extent =
      static_cast<int>(llvm::alignTo(attention.columns, static_cast<uint64_t>(target.vectorWidth)));
  bool isLastKeyApart = attention.isLastKeyApart();
  attention.maximumDomain = RDom(0, extent, "maximum_j");
  attention.totalDomain = RDom(0, extent, "total_j");
  attention.maximum = Func("maximum");
  attention.maximum(i, h, g, b) =
      isLastKeyApart ? attention.lastScores(i, h, g, b) : Halide::Float(32).min();
  attention.maximum(i, h, g, b) =
      max(attention.maximum(i, h, g, b), attention.scores(attention.maximumDomain, i, h, g, b));
  attention.exponentials = Func("exponentials");
  attention.exponentials(j, i, h, g, b) =
      exponentialOfNonPositive(attention.scores(j, i, h, g, b) - attention.maximum(i, h, g, b));
  Expr lastExponential = 0.0f;
  if (isLastKeyApart) {
    attention.lastExponentials = Func("last_exponentials");
    attention.lastExponentials(i, h, g, b) =
        exponentialOfNonPositive(attention.lastScores(i, h, g, b) - attention.maximum(i, h, g, b));
    lastExponential = attention.lastExponentials(i, h, g, b);
  }
  attention.total = Func("total");
  attention.total(i, h, g, b) = lastExponential;
  attention.total(i, h, g, b) += attention.exponentials(attention.totalDomain, i, h, g, b);
  attention.inverseTotal = Func("inverse_total");
  attention.inverseTotal(i, h, g, b) = 1.0f / attention.total(i, h, g, b);

  RDom k(0, attention.columns, "k");
  attention.sums = Func("sums");
  attention.sums(c, i, h, g, b) =
      isLastKeyApart ? lastExponential * attention.value(c, attention.keys - 1, h, g, b) : 0.0f;
  attention.sums(c, i, h, g, b) +=
      attention.exponentials(k, i, h, g, b) * attention.value(c, k, h, g, b);
  attention.result = Func("result");
  attention.result(c, i, h, g, b) =
      attention.sums(c, i, h, g, b) * attention.inverseTotal(i, h, g, b);
}

static void defineOutput(KernelBuilder &builder, Attention &attention) {
  ArrayRef<Operation *> maps = builder.plan.attention.outputMaps;
  attention.output = Func("out0");
  attention.stored = RDom({{0, attention.valueChannels},
                           {0, attention.queries},
                           {0, attention.heads},
                           {0, attention.groups},
                           {0, builder.batch()}},
                          "stored");
  RDom &r = attention.stored;
  Expr t = r[1], g = r[3];
  if (!maps.empty()) {
    std::tie(t, g) = pixelOf(builder, attention, builder.outputLayout(), TokenMap(maps),
                             attention.queries, t, g);
  }
  Var c("c"), x("x"), y("y"), b("b");
  attention.output(c, x, y, b) = builder.unset();
  attention.output(r[2] * attention.valueChannels + r[0], t, g, r[4]) =
      builder.toStored(attention.result(r[0], r[1], r[2], r[3], r[4]));
  builder.setOutput(0, attention.output, static_cast<int>(builder.outputLayout().shape.back()));
}

Attention oriel::defineAttention(KernelBuilder &builder) {
  AttentionPlan plan = builder.plan.attention;
  ArrayRef<int64_t> scores = plan.scores.getType().getShape();
  Attention attention;
  attention.groups = static_cast<int>(scores[1]);
  attention.heads = static_cast<int>(scores[2]);
  attention.queries = static_cast<int>(scores[3]);
  attention.keys = static_cast<int>(scores[4]);
  attention.channels = static_cast<int>(plan.query.getType().getShape().back());
  attention.valueChannels = static_cast<int>(plan.value.getType().getShape().back());
  attention.columns = attention.keys;
  int lanes = static_cast<int>(builder.target.vectorWidth);
  if (!builder.target.isGpu() && attention.keys > lanes && attention.keys % lanes == 1 &&
      attention.channels % lanes == 0) {
    --attention.columns;
  }

  defineHeads(builder, attention);
  defineScores(builder, attention);
  defineSoftmaxAndSums(attention, builder.target);
  return attention;
}

std::string oriel::describeTiles(const Attention &attention, const KernelTarget &target) {
  auto describe = [&](RegisterTile tile) {
    return std::to_string(tile.rows) + "x" + std::to_string(tile.vectors * target.vectorWidth);
  };
  return "register tiles " + describe(attention.productTile) + " and " +
         describe(attention.sumTile) + ", blocks of " + std::to_string(attention.rowBlock) +
         " rows" + (attention.isLastKeyApart() ? ", the last key apart" : "") +
         (attention.copiesValue ? "" : ", v read in place");
}

void oriel::buildAttention(KernelBuilder &builder) {
  Attention attention = defineAttention(builder);
  defineOutput(builder, attention);
  if (builder.target.isGpu()) {
    scheduleAttentionOnGpu(builder, attention);
    return;
  }
  chooseAttentionTiles(builder, attention);
  scheduleAttention(attention, builder.target);
  builder.describe(describeTiles(attention, builder.target) + ", a task for each head of a group");
  prefetchNextHead(builder, attention);
}
