"""Times one PyTorch model on a GPU, for gpu_check.py, which runs this in a process of its own for each time.

  gpu_peers.py CASE.json PEER PRECISION BATCH SECS [TORCH_DEVICE]

PEER is torch (eager), compile (torch.compile, max-autotune, which replays CUDA graphs) or onnxruntime (its CUDA provider); PRECISION is f32, f16
or bf16: parameters and input are of that type, without TF32 in f32. Weights are random, which changes no time; the input lies on the device.
Prints a JSON object with median_ms and version; what is missing is one line on standard error and exit code 3.
"""

import json
import pathlib
import statistics
import sys
import tempfile
import time


def missing(text):
    print(text, file=sys.stderr)
    sys.exit(3)


def load_model(case, precision, device):
    """The model in eval mode, and its image's shape."""
    try:
        import timm
        import torch
    except ImportError as error:
        missing(f"{error.name} cannot be imported")
    if device == "cuda" and not torch.cuda.is_available():
        missing("this torch has no CUDA device")
    # Full float32, as Oriel has it.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    options = dict(case.get("timm", {"name": case["case"]}))
    if not timm.is_model(options["name"]):
        missing(f"timm has no {options['name']}")
    model = timm.create_model(options.pop("name"), pretrained=False, **options).eval().to(device)
    kinds = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
    return torch, model.to(kinds[precision]), kinds[precision]


def median_ms(run, synchronize, seconds):
    """Of runs that are each waited for, after as many that are not counted as compile and warm up."""
    for _ in range(10):
        run()
    synchronize()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 10:
        start = time.perf_counter()
        run()
        synchronize()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def time_torch(case, precision, batch, seconds, device, compiles):
    torch, model, kind = load_model(case, precision, device)
    images = torch.randn(batch, *case["preprocessing"]["input_size"], device=device, dtype=kind)
    function = torch.compile(model, mode="max-autotune") if compiles else model
    synchronize = torch.cuda.synchronize if device == "cuda" else lambda: None
    with torch.inference_mode():
        return {"median_ms": median_ms(lambda: function(images), synchronize, seconds), "version": torch.__version__}


def time_onnxruntime(case, precision, batch, seconds, device):
    try:
        import onnxruntime
    except ImportError:
        missing("onnxruntime cannot be imported")
    provider = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
    if provider not in onnxruntime.get_available_providers():
        missing(f"this onnxruntime has no {provider}")
    torch, model, kind = load_model(case, precision, "cpu")
    images = torch.randn(batch, *case["preprocessing"]["input_size"], dtype=kind)
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        path = pathlib.Path(scratch, "model.onnx")
        torch.onnx.export(model, (images,), str(path), input_names=["input"], dynamo=False, opset_version=17)
        session = onnxruntime.InferenceSession(str(path), providers=[provider])
    binding = session.io_binding()
    binding.bind_cpu_input("input", images.numpy())
    binding.bind_output(session.get_outputs()[0].name, device)
    return {"median_ms": median_ms(lambda: session.run_with_iobinding(binding), binding.synchronize_outputs, seconds), "version": onnxruntime.__version__}


def main():
    path, peer, precision, batch, seconds, *device = sys.argv[1:]
    case = json.loads(pathlib.Path(path).read_text())
    arguments = (case, precision, int(batch), float(seconds), device[0] if device else "cuda")
    if peer == "onnxruntime":
        if precision == "bf16":
            missing("onnxruntime takes no bf16 here")
        result = time_onnxruntime(*arguments)
    else:
        result = time_torch(*arguments, compiles=peer == "compile")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
