#!/bin/sh
# Makes .oracles: PyTorch, which the program never uses, to train the samples and to check the engine by.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
LAMELLA_STARTED_AS='make oracles' "$here/tools/setup.sh" run

pip="$here/.oracles/bin/python -m pip --disable-pip-version-check install -q --no-compile --prefer-binary"
[ -x "$here/.oracles/bin/python" ] || "$here/.venv/bin/python" -m venv "$here/.oracles"
if ! "$here/.oracles/bin/python" -c 'import torch' 2>/dev/null; then
    # the CPU's build is a tenth of what the package index has; torchvision is Zennit's
    $pip torch torchvision --index-url https://download.pytorch.org/whl/cpu || $pip torch torchvision
fi
$pip onnx scikit-learn Pillow natsort imageio
# the peers of the attribution methods
$pip captum zennit
# the peers of the matrix; this kaleido brings the browser that it draws with
$pip datashader seaborn 'plotly<6' 'kaleido==0.2.1'
# reference values of the tests: gradients of published architectures
[ -f "$here/tests/oracles/gradients/vgg19.npz" ] || (cd "$here" && .oracles/bin/python -m tests.oracles.autograd)
