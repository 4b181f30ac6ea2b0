"""PyTorch's compilers."""

import os

import cases


def import_torch(setup):
    import torch

    torch.set_num_threads(setup.threads)
    torch.set_num_interop_threads(1)
    return torch


class TorchCompile:
    """torch.compile with freezing: parameters are constants, so that weights are packed once. What it compiled is in
    Inductor's cache afterwards, so that a second process compiles nothing but the glue."""

    def configure(self, torch):
        torch._inductor.config.freezing = True

    def prepare(self, setup):
        self.load(setup)
        self.run()

    def load(self, setup):
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(setup.artefacts / "inductor")
        self.torch = import_torch(setup)
        import torch._inductor

        self.configure(self.torch)
        self.input = self.torch.from_numpy(cases.load_arrays(setup.case, setup.batch)[0])
        self.function = self.torch.compile(cases.load_model(setup.case))
        self.run()

    def run(self):
        with self.torch.inference_mode():
            self.output = self.function(self.input)

    def logits(self):
        return self.output.numpy()

    def version(self):
        return self.torch.__version__


class AOTInductor(TorchCompile):
    """AOTInductor with freezing and max-autotune, compiled for the number of threads."""

    def configure(self, torch):
        torch._inductor.config.freezing = True
        torch._inductor.config.max_autotune = True
        torch._inductor.config.max_autotune_gemm_backends = "CPP,ATEN"

    def prepare(self, setup):
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(setup.artefacts / "inductor")
        torch = import_torch(setup)
        import torch._inductor

        self.configure(torch)
        images = torch.from_numpy(cases.load_arrays(setup.case, setup.batch)[0])
        with torch.no_grad():
            program = torch.export.export(cases.load_model(setup.case), (images,))
            torch._inductor.aoti_compile_and_package(program, package_path=str(setup.artefacts / "model.pt2"))

    def load(self, setup):
        self.torch = import_torch(setup)
        import torch._inductor

        self.function = torch._inductor.aoti_load_package(str(setup.artefacts / "model.pt2"))
        self.input = self.torch.from_numpy(cases.load_arrays(setup.case, setup.batch)[0])

    def logits(self):
        output = self.output[0] if isinstance(self.output, (tuple, list)) else self.output
        return output.numpy()
