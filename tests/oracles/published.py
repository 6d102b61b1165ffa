"""Published architectures in plain PyTorch, for the peers of the benchmarks; runs in `.oracles`.

VGG-16 (Simonyan and Zisserman 2015), ResNet-50 (He et al. 2016) and DenseNet-121 (Huang et al.
2017), 1,000 classes, weights as PyTorch draws them. torchvision has the same, but no build for
every build of PyTorch; Zennit imports the names of its residual blocks, which `without_torchvision`
gives to it: the blocks here, so that Zennit's own canonizer knows them.
"""

import sys
from types import ModuleType

import torch
from torch import nn

_VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)


class VGG16(nn.Module):
    """Thirteen convolutions and three dense layers; 0 above stands for a pooling."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for width in _VGG16:
            if width:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels = width
            else:
                layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, 1000),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class BasicBlock(nn.Module):
    """The block of smaller residual networks; only its name is asked for."""


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3, 1 x 1, and a shortcut; the stride is the 3 x 3's."""

    def __init__(self, channels, width, stride=1):
        super().__init__()
        out = 4 * width
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + shortcut)


class ResNet50(nn.Module):
    """Stages of 3, 4, 6 and 3 blocks."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        stages, channels = [], 64
        for number, blocks in enumerate((3, 4, 6, 3)):
            width = 64 * 2**number
            for place in range(blocks):
                stride = 2 if number and not place else 1
                stages.append(Bottleneck(channels, width, stride))
                channels = 4 * width
        self.stages = nn.Sequential(*stages)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, 1000)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(self.stages(x)), 1))


class _Dense(nn.Module):
    """One layer of a dense block: what it adds stands after what it takes."""

    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.Conv2d(128, 32, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return torch.cat([x, self.layers(x)], 1)


class DenseNet121(nn.Module):
    """Dense blocks of 6, 12, 24 and 16 layers that each add 32 channels."""

    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)]
        layers += [nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
        channels = 64
        for number, count in enumerate((6, 12, 24, 16)):
            for _ in range(count):
                layers.append(_Dense(channels))
                channels += 32
            layers.append(nn.BatchNorm2d(channels))
            if number < 3:
                layers += [nn.ReLU(inplace=True), nn.Conv2d(channels, channels // 2, 1, bias=False)]
                layers.append(nn.AvgPool2d(2, 2))
                channels //= 2
        self.features = nn.Sequential(*layers, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(channels, 1000)

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


NETWORKS = {"vgg16": VGG16, "resnet50": ResNet50, "densenet121": DenseNet121}


def without_torchvision():
    """Let Zennit be imported where torchvision is not; call before."""
    blocks = ModuleType("torchvision.models.resnet")
    blocks.Bottleneck, blocks.BasicBlock = Bottleneck, BasicBlock
    sys.modules.setdefault("torchvision", ModuleType("torchvision"))
    sys.modules.setdefault("torchvision.models", ModuleType("torchvision.models"))
    sys.modules["torchvision.models.resnet"] = blocks
