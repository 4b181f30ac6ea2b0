"""The peers that read ONNX: OpenVINO, ONNX Runtime, IREE. Each imports its package itself: one worker, one package."""

import pathlib
import sys

import cases
import numpy
from peers import PEERS, run_compiler


class OpenVINO:
    """Without a precision hint OpenVINO chooses bf16 where the processor has it, so it is always given one."""

    def properties(self, setup):
        return {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": PEERS[setup.peer].precision,
                "INFERENCE_NUM_THREADS": setup.threads, "NUM_STREAMS": 1}

    def prepare(self, setup):
        import openvino

        model = openvino.convert_model(setup.onnx)
        openvino.save_model(model, setup.artefacts / "model.xml", compress_to_fp16=False)

    def load(self, setup):
        import openvino

        self.package, self.core = openvino, openvino.Core()
        compiled = self.core.compile_model(setup.artefacts / "model.xml", "CPU", self.properties(setup))
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if precision != PEERS[setup.peer].precision:
            raise RuntimeError(f"computes in {precision} on this processor")
        self.request = compiled.create_infer_request()
        self.input, _ = cases.load_arrays(setup.case, setup.batch)
        self.request.set_input_tensor(openvino.Tensor(self.input, shared_memory=True))

    def run(self):
        self.request.infer(share_inputs=True, share_outputs=True)

    def logits(self):
        return self.request.get_output_tensor().data

    def version(self):
        return self.package.__version__.split("-")[0]


class OnnxRuntime:
    def prepare(self, setup):
        pass

    def load(self, setup):
        import onnxruntime

        self.package = onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = setup.threads, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(setup.onnx, options, providers=["CPUExecutionProvider"])
        self.input, expected = cases.load_arrays(setup.case, setup.batch)
        self.output = numpy.empty_like(expected)
        self.binding = self.session.io_binding()
        self.values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in (self.input, self.output)]
        self.binding.bind_ortvalue_input(self.session.get_inputs()[0].name, self.values[0])
        self.binding.bind_ortvalue_output(self.session.get_outputs()[0].name, self.values[1])

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def logits(self):
        return self.values[1].numpy()

    def version(self):
        return self.package.__version__.split("-")[0]


class IREE:
    FLAGS = ["--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
             "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]

    def prepare(self, setup):
        programs = pathlib.Path(sys.executable).parent
        imported, module = setup.artefacts / "model.mlir", setup.artefacts / "model.vmfb"
        run_compiler([programs / "iree-import-onnx", setup.onnx, "--opset-version", "18", "-o", imported])
        run_compiler([programs / "iree-compile", imported, *self.FLAGS, "-o", module])
        imported.unlink()

    def load(self, setup):
        import iree.runtime as runtime

        if setup.threads > 1:
            runtime.flags.parse_flags(f"--task_topology_group_count={setup.threads}")
        config = runtime.Config("local-sync" if setup.threads == 1 else "local-task")
        context = runtime.SystemContext(config=config)
        context.add_vm_module(runtime.VmModule.mmap(config.vm_instance, str(setup.artefacts / "model.vmfb")))
        self.function = context.modules.module["main_graph"]
        images, _ = cases.load_arrays(setup.case, setup.batch)
        self.input = runtime.asdevicearray(config.device, images)
        self.output = None

    def run(self):
        self.output = self.function(self.input).to_host()

    def logits(self):
        return numpy.asarray(self.output)

    def version(self):
        import importlib.metadata

        return importlib.metadata.version("iree-base-runtime")
