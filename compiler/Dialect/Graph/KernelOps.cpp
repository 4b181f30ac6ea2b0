//===- KernelOps.cpp - The kernel region ----------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace oriel;

void KernelOp::build(OpBuilder &builder, OperationState &state, TypeRange results,
                     ValueRange inputs) {
  state.addTypes(results);
  state.addOperands(inputs);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.addRegion());
  for (Value input : inputs) {
    body->addArgument(input.getType(), input.getLoc());
  }
}

YieldOp KernelOp::getYield() { return cast<YieldOp>(getBodyBlock()->getTerminator()); }

// (%a = %x : type, ...) -> types attributes {...} { body }
ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  auto parseBinding = [&]() -> ParseResult {
    if (parser.parseArgument(arguments.emplace_back()) || parser.parseEqual() ||
        parser.parseOperand(operands.emplace_back()) ||
        parser.parseColonType(arguments.back().type)) {
      return failure();
    }
    return success();
  };
  SmallVector<Type> inputTypes, resultTypes;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseBinding) ||
      parser.parseArrow() || parser.parseCommaSeparatedList([&] {
        return parser.parseType(resultTypes.emplace_back());
      }) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes)) {
    return failure();
  }
  for (OpAsmParser::Argument &argument : arguments) {
    inputTypes.push_back(argument.type);
  }
  result.addTypes(resultTypes);
  if (parser.resolveOperands(operands, inputTypes, parser.getCurrentLocation(), result.operands) ||
      parser.parseRegion(*result.addRegion(), arguments)) {
    return failure();
  }
  return success();
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << " (";
  llvm::interleaveComma(llvm::zip_equal(getBodyBlock()->getArguments(), getInputs()), printer,
                        [&](auto binding) {
                          auto [argument, input] = binding;
                          printer << argument << " = " << input << " : " << input.getType();
                        });
  printer << ") -> ";
  llvm::interleaveComma(getResultTypes(), printer);
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult KernelOp::verify() {
  // C1: block arguments stand for the operands.
  if (getBodyBlock()->getArgumentTypes() != getInputs().getTypes()) {
    return emitOpError("(C1): block arguments do not have the operands' types");
  }
  // C2: what is yielded is what the op returns.
  if (getYield().getValues().getTypes() != getResultTypes()) {
    return emitOpError("(C2): yielded values do not have the results' types");
  }
  return success();
}
