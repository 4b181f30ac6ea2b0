"""lit suite: what passes do to IR, and what the tools print. FileCheck, not and count come from LLVM 22."""

import os

import lit.formats

config.name = "oriel"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)

config.environment["PATH"] = os.pathsep.join(
    [config.oriel_bin_dir, config.llvm_bin_dir, os.environ["PATH"]]
)
# Not the user's: what the tools keep, they keep here.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
# A variable of one CHECK-LABEL block must not leak into the next.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
config.substitutions.append(("%source_root", config.oriel_source_dir))
