"""Oriel as a worker: oriel-compile of a build folder, its runtime through ctypes."""

import ctypes
import json

import cases
import numpy
from peers import run_compiler


class LoadError(ctypes.Structure):
    """oriel_error"""

    _fields_ = [("status", ctypes.c_int), ("message", ctypes.c_char * 508)]


class ContextOptions(ctypes.Structure):
    """oriel_context_options up to the fields used here; its size tells the runtime so."""

    _fields_ = [("struct_size", ctypes.c_uint32), ("batch", ctypes.c_int32), ("threads", ctypes.c_int32),
                ("reserved", ctypes.c_int32)]


class Oriel:
    def prepare(self, setup):
        case = json.loads((setup.case / "case.json").read_text())
        oriel = case.get("oriel", {})
        settings = [f"--set={key}={value}" for key, value in oriel.get("set", {}).items()]
        run_compiler(
            [setup.build / "bin/oriel-compile", oriel.get("model", case["case"]), f"--weights={setup.case}/weights.safetensors",
             f"--batch={setup.batch}", f"--target={setup.target}", *settings, "-o", setup.artefacts / "model.so"])

    def load(self, setup):
        self.runtime = ctypes.CDLL(str(setup.build / "lib/liboriel_runtime.so"))
        self.runtime.oriel_runtime_version.restype = ctypes.c_char_p
        self.error = LoadError()
        module, self.context, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.byref(self.error)
        path = str(setup.artefacts / "model.so").encode()
        self.check(self.runtime.oriel_module_load(path, None, ctypes.byref(module), error))
        options = ContextOptions(ctypes.sizeof(ContextOptions), setup.batch, setup.threads, 0)
        self.check(self.runtime.oriel_context_create(module, ctypes.byref(options), ctypes.byref(self.context), error))
        self.input, expected = cases.load_arrays(setup.case, setup.batch)
        self.output = numpy.empty_like(expected)
        self.inputs = (ctypes.c_void_p * 1)(self.input.ctypes.data)
        self.outputs = (ctypes.c_void_p * 1)(self.output.ctypes.data)

    def check(self, status):
        if status != 0:
            raise RuntimeError(self.error.message.decode())

    def run(self):
        self.check(self.runtime.oriel_context_run(self.context, self.inputs, self.outputs, ctypes.byref(self.error)))

    def logits(self):
        return self.output

    def version(self):
        return self.runtime.oriel_runtime_version().decode()
