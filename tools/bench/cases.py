#!/usr/bin/env python3
"""A model with weights, an input and PyTorch's logits: what every peer runs and is checked against.

A case is a folder with weights.safetensors, input.npy, logits.npy and case.json, as models/data/mobilevit_xxs_cifar10 is.
A model that is named, not given as a folder, becomes one here: timm's architecture with seeded random weights, which needs
no network. Run as a program, in the environment that has PyTorch:

  cases.py make NAME[:KEY=VALUE...] FOLDER        makes the folder of a case
  cases.py onnx FOLDER BATCH FILE                 exports a case to ONNX for a fixed batch
"""

import json
import math
import pathlib
import sys

SEED = 1
IMAGES = 8
# How a setting of oriel-compile is called in timm; None: it is in the shape of the input.
TIMM_OPTIONS = {
    "image_size": {"swin": "img_size", "mobilevit": None},
    "num_classes": {"swin": "num_classes", "mobilevit": "num_classes"},
}


def parse_name(text):
    """"swin_tiny_patch4_window7_224:image_size=448" -> the model and {"image_size": 448}."""
    name, _, settings = text.partition(":")
    values = dict(item.split("=", 1) for item in settings.split(":") if item)
    unknown = sorted(set(values) - set(TIMM_OPTIONS))
    if unknown:
        raise SystemExit(f"{text}: no setting {unknown[0]}; there are {', '.join(TIMM_OPTIONS)}")
    return name, {key: int(value) for key, value in values.items()}


def describe(text):
    """What case.json holds of a named model."""
    import timm

    name, settings = parse_name(text)
    family = next((family for family in ("swin", "mobilevit") if name.startswith(family)), None)
    if family is None:
        raise SystemExit(f"{name}: a Swin or MobileViT of timm is needed")
    size = settings.get("image_size") or timm.get_pretrained_cfg(name).input_size[-1]
    options = {TIMM_OPTIONS[key][family]: value for key, value in settings.items() if TIMM_OPTIONS[key][family]}
    return {
        "case": text,
        "timm": {"name": name, **options},
        "oriel": {"model": name, "set": settings},
        "preprocessing": {"input_size": [3, size, size]},
        "seed": SEED,
        "timm_version": timm.__version__,
    }


def make_images(size, generator):
    """Smooth random images with noise, about normalised: logits then differ from image to image."""
    import torch

    coarse = torch.randn(IMAGES, 3, 7, 7, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=tuple(size), mode="bilinear", align_corners=False)
    return (smooth + 0.3 * torch.randn(IMAGES, 3, *size, generator=generator)).contiguous()


def randomise(model, images, generator):
    """Random parameters that keep activations of order one: each matrix by its fan-in, each convolution scaled so that
    what its batch_norm reads has unit variance (deep stacks of random convolutions decay or explode otherwise)."""
    import torch

    def scale(norm, inputs, conv):
        deviation = inputs[0].std()
        conv.weight.data /= deviation
        return (inputs[0] / deviation,)

    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
        if isinstance(module, (torch.nn.modules.batchnorm._BatchNorm, torch.nn.LayerNorm)):
            module.weight.data.uniform_(0.8, 1.2, generator=generator)
            module.bias.data.normal_(0, 0.05, generator=generator)
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
            module.weight.data.normal_(0, 1 / math.sqrt(module.weight[0].numel()), generator=generator)
            if module.bias is not None:
                module.bias.data.normal_(0, 0.02, generator=generator)
        if isinstance(getattr(module, "relative_position_bias_table", None), torch.nn.Parameter):
            module.relative_position_bias_table.data.normal_(0, 0.5, generator=generator)
        if isinstance(getattr(module, "conv", None), torch.nn.Conv2d) and hasattr(module, "bn"):
            hook = lambda norm, inputs, conv=module.conv: scale(norm, inputs, conv)
            hooks.append(module.bn.register_forward_pre_hook(hook))
    with torch.no_grad():
        model(images[:2])
    for hook in hooks:
        hook.remove()


def longest_sums(model):
    """Layers in which products are summed, and the longest such sum: what rounding errors grow with."""
    import torch

    fans = [module.weight[0].numel() for module in model.modules() if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d))]
    return len(fans), max(fans)


def make(text, folder):
    import numpy
    import timm
    import torch
    from safetensors.torch import save_file

    case = describe(text)
    options = dict(case["timm"])
    model = timm.create_model(options.pop("name"), pretrained=False, **options).eval()
    generator = torch.Generator().manual_seed(SEED)
    images = make_images(case["preprocessing"]["input_size"][1:], generator)
    randomise(model, images, generator)
    with torch.inference_mode():
        logits = model(images)
    if not torch.isfinite(logits).all():
        raise SystemExit(f"{text}: PyTorch's logits are not finite")
    layers, longest_sum = longest_sums(model)
    case.update(classes=logits.shape[1], layers=layers, longest_sum=longest_sum)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    save_file(weights, folder / "weights.safetensors")
    numpy.save(folder / "input.npy", images.numpy())
    numpy.save(folder / "logits.npy", logits.numpy())
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def load_model(folder):
    """timm's model of a case, with its weights."""
    import timm
    from safetensors.torch import load_file

    case = json.loads((folder / "case.json").read_text())
    options = dict(case.get("timm", {}))
    model = timm.create_model(options.pop("name", case["case"]), pretrained=False, **options).eval()
    missing, unexpected = model.load_state_dict(load_file(folder / "weights.safetensors"), strict=False)
    computed = ("relative_position_index", "attn_mask", "num_batches_tracked")
    missing = [name for name in missing if not name.endswith(computed)]
    if missing or unexpected:
        raise SystemExit(f"{folder}: weights do not fit timm's model: {(missing + unexpected)[0]}")
    return model


def load_arrays(folder, batch):
    """Input and logits of `batch` images; those of the case are repeated where there are too few."""
    import numpy

    def first(name):
        array = numpy.load(folder / name, mmap_mode="r")[:batch]
        return numpy.resize(array, (batch, *array.shape[1:])).astype(numpy.float32, copy=False)

    return first("input.npy"), first("logits.npy")


def export_onnx(folder, batch, file):
    import torch

    images, _ = load_arrays(folder, batch)
    with torch.no_grad():
        torch.onnx.export(load_model(folder), (torch.from_numpy(images),), str(file), opset_version=18, dynamo=True,
                          optimize=True, external_data=False, input_names=["input"], output_names=["logits"], verbose=False)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        export_onnx(pathlib.Path(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4]))
