//===- GraphShrinker.cpp - The smallest graph that still fails ------------===//

#include "tests/fuzz/GraphShrinker.h"

#include "tests/fuzz/GraphGenerator.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

namespace {

class ChoiceShrinker {
public:
  ChoiceShrinker(MLIRContext &context, ChoiceSequence choices, const StillFails &stillFails,
                 int attempts)
      : context(context), best(std::move(choices)), stillFails(stillFails), attempts(attempts) {}

  ChoiceSequence run();

private:
  bool accept(std::vector<uint32_t> numbers);
  bool leaveOut(size_t begin, size_t end);
  bool lower(size_t position, uint32_t number);
  void leaveOutParts();
  void leaveOutChoices();
  void lowerChoices();

  MLIRContext &context;
  ChoiceSequence best;
  const StillFails &stillFails;
  int attempts;
};

} // namespace

/// Whether one sequence is simpler than another: shorter, or as long and lower where they differ.
static bool isSimpler(const std::vector<uint32_t> &left, const std::vector<uint32_t> &right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

/// Takes the numbers in place of the best if their graph fails. What the generator made of them may
/// be shorter than they are.
bool ChoiceShrinker::accept(std::vector<uint32_t> numbers) {
  if (attempts <= 0) {
    return false;
  }
  Choices choices(std::move(numbers));
  OwningOpRef<ModuleOp> graph = generateGraph(context, choices);
  ChoiceSequence taken = choices.getTaken();
  // Zeros behind the end need not be told.
  while (!taken.numbers.empty() && taken.numbers.back() == 0) {
    taken.numbers.pop_back();
  }
  if (!isSimpler(taken.numbers, best.numbers)) {
    return false;
  }
  --attempts;
  if (!stillFails(*graph)) {
    return false;
  }
  best = std::move(taken);
  return true;
}

bool ChoiceShrinker::leaveOut(size_t begin, size_t end) {
  std::vector<uint32_t> numbers = best.numbers;
  end = std::min(end, numbers.size());
  if (begin >= end) {
    return false;
  }
  numbers.erase(numbers.begin() + static_cast<ptrdiff_t>(begin),
                numbers.begin() + static_cast<ptrdiff_t>(end));
  return accept(std::move(numbers));
}

bool ChoiceShrinker::lower(size_t position, uint32_t number) {
  std::vector<uint32_t> numbers = best.numbers;
  numbers[position] = number;
  return accept(std::move(numbers));
}

/// Whole layers, from the last on: those before give what it reads.
void ChoiceShrinker::leaveOutParts() {
  for (size_t part = best.partBegins.size(); part-- > 0;) {
    if (part < best.partBegins.size()) {
      bool isLast = part + 1 == best.partBegins.size();
      leaveOut(best.partBegins[part], isLast ? best.numbers.size() : best.partBegins[part + 1]);
    }
  }
}

void ChoiceShrinker::leaveOutChoices() {
  for (size_t length : {4, 2, 1}) {
    for (size_t position = best.numbers.size(); position-- > 0;) {
      leaveOut(position, position + length);
    }
  }
}

/// Each number to 0, or else down by halves and by one.
void ChoiceShrinker::lowerChoices() {
  for (size_t position = 0; position < best.numbers.size(); ++position) {
    if (best.numbers[position] == 0 || lower(position, 0)) {
      continue;
    }
    while (position < best.numbers.size() && best.numbers[position] > 1 &&
           lower(position, best.numbers[position] / 2)) {
    }
    while (position < best.numbers.size() && best.numbers[position] > 1 &&
           lower(position, best.numbers[position] - 1)) {
    }
  }
}

ChoiceSequence ChoiceShrinker::run() {
  std::vector<uint32_t> before;
  do {
    before = best.numbers;
    leaveOutParts();
    lowerChoices();
    leaveOutChoices();
  } while (attempts > 0 && before != best.numbers);
  return best;
}

ChoiceSequence fuzz::shrinkChoices(MLIRContext &context, ChoiceSequence choices,
                                   const StillFails &stillFails, int attempts) {
  return ChoiceShrinker(context, std::move(choices), stillFails, attempts).run();
}
