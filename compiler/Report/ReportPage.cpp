//===- ReportPage.cpp - The page of a compilation -------------------------===//

#include "compiler/Report/ReportPage.h"

#include "compiler/Report/Disassembly.h"
#include "compiler/Report/ModuleData.h"
#include "compiler/Report/OrielReportFiles.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace oriel;
using llvm::StringRef;
using llvm::json::Array;
using llvm::json::Object;

int64_t ReportPage::addText(std::string text) {
  texts.push_back(std::move(text));
  return static_cast<int64_t>(texts.size()) - 1;
}

void ReportPage::addModule(StringRef phase, StringRef pass, StringRef text) {
  data.getArray("steps")->push_back(
      Object{{"phase", phase.str()}, {"pass", pass.str()}, {"text", addText(text.str())}});
}

void ReportPage::addUnchanged(StringRef phase, StringRef pass) {
  data.getArray("steps")->push_back(Object{{"phase", phase.str()}, {"pass", pass.str()}});
}

void ReportPage::addRemark(const FusionRemark &remark) {
  data.getArray("remarks")->push_back(toJson(remark));
}

void ReportPage::addGraph(mlir::ModuleOp module) { data["graph"] = describeGraph(module); }

void ReportPage::addKernels(mlir::ModuleOp module) { data["kernels"] = describeKernels(module); }

void ReportPage::addProgram(mlir::ModuleOp module) { data["program"] = describeProgram(module); }

/// A listing of all functions, and by lines of it: functions, the hot loop, the lines that go to
/// the stack and back.
static Object describeCode(llvm::ArrayRef<MachineFunction> functions,
                           std::optional<HotLoop> hotLoop, std::string &listing) {
  llvm::raw_string_ostream out(listing);
  Array list, spills, reloads;
  Object result;
  int64_t line = 0;
  for (auto [index, function] : llvm::enumerate(functions)) {
    list.push_back(Object{{"name", function.name}, {"line", line}});
    out << function.name << ":\n";
    int64_t first = ++line;
    for (const MachineInstruction &instruction : function.instructions) {
      out << llvm::formatv("{0,6:x-}", instruction.address) << instruction.text;
      if (instruction.target) {
        out << "  # line " << first + static_cast<int64_t>(*instruction.target) + 1;
      }
      out << "\n";
      if (instruction.spills) {
        spills.push_back(line);
      }
      if (instruction.reloads) {
        reloads.push_back(line);
      }
      ++line;
    }
    if (!hotLoop || hotLoop->function != index) {
      continue;
    }
    const MachineLoop &loop = function.loops[hotLoop->loop];
    auto body = llvm::ArrayRef(function.instructions).slice(loop.first, loop.last - loop.first + 1);
    auto count = [&](auto what) { return static_cast<int64_t>(llvm::count_if(body, what)); };
    result["hotLoop"] = Object{
        {"first", first + static_cast<int64_t>(loop.first)},
        {"last", first + static_cast<int64_t>(loop.last)},
        {"depth", loop.depth},
        {"multiplyAdds", count([](const MachineInstruction &each) { return each.isMultiplyAdd; })},
        {"vectorArithmetic",
         count([](const MachineInstruction &each) { return each.isVectorArithmetic; })},
        {"spills", count([](const MachineInstruction &each) { return each.spills; })},
        {"reloads", count([](const MachineInstruction &each) { return each.reloads; })}};
  }
  result["functions"] = std::move(list);
  result["spills"] = std::move(spills);
  result["reloads"] = std::move(reloads);
  return result;
}

void ReportPage::addCode(StringRef kernel, StringRef target, const CompiledKernel &compiled) {
  Array choices;
  for (const ScheduleChoice &choice : compiled.choices) {
    choices.push_back(Object{{"name", choice.name},
                             {"chosen", choice.chosen},
                             {"preferred", choice.preferred},
                             {"accepted", Array(choice.accepted)}});
  }
  Object entry{{"kernel", kernel.str()},
               {"target", target.str()},
               {"schedule", compiled.schedule},
               {"choices", std::move(choices)},
               {"objectBytes", static_cast<int64_t>(compiled.object.size())},
               {"scratchBytes", compiled.scratchBytes},
               {"statement", addText(compiled.statement)}};
  if (!compiled.deviceSource.empty()) {
    entry["source"] = addText(compiled.deviceSource);
  }
  auto functions = disassemble(compiled.object);
  if (functions) {
    std::string listing;
    entry["machine"] = describeCode(*functions, findHotLoop(*functions), listing);
    entry["assembly"] = addText(std::move(listing));
  } else {
    // Of a kind of code that this LLVM does not read, the page shows the rest.
    entry["assemblyError"] = llvm::toString(functions.takeError());
  }
  data.getArray("code")->push_back(std::move(entry));
}

/// JSON that cannot end the element of the page that it stands in.
static std::string escapeForScript(const llvm::json::Value &value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  std::string escaped;
  for (char c : text) {
    escaped += c == '<' ? "\\u003c" : std::string(1, c);
  }
  return escaped;
}

llvm::Expected<std::string> ReportPage::print() const {
  if (!llvm::compression::zlib::isAvailable()) {
    return llvm::createStringError("the report page needs an LLVM with zlib");
  }
  std::string page;
  llvm::raw_string_ostream out(page);
  auto [head, rest] = StringRef(embedded::page_html()).split("<!-- style -->");
  auto [middle, tail] = rest.split("<!-- data and scripts -->");
  out << head << "<style>\n" << StringRef(embedded::page_css()) << "</style>" << middle;
  out << "<script type=\"application/json\" id=\"data\">"
      << escapeForScript(llvm::json::Value(Object(data))) << "</script>\n";
  for (auto [index, text] : llvm::enumerate(texts)) {
    llvm::SmallVector<uint8_t> compressed;
    llvm::compression::zlib::compress(llvm::arrayRefFromStringRef(text), compressed);
    out << "<script type=\"text/plain\" id=\"text-" << index << "\">"
        << llvm::encodeBase64(compressed) << "</script>\n";
  }
  for (std::string_view script :
       {embedded::d3_min_js(), embedded::diff_match_patch_js(), embedded::dagre_js(),
        embedded::core_js(), embedded::code_js(), embedded::overview_js(), embedded::passes_js(),
        embedded::layout_js(), embedded::graph_js(), embedded::kernels_js(), embedded::memory_js(),
        embedded::profile_js(), embedded::main_js()}) {
    out << "<script>\n" << StringRef(script) << "</script>\n";
  }
  out << tail;
  return page;
}
