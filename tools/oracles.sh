#!/bin/sh
# Makes .oracles: PyTorch, which the program never uses, to train the samples and to check the engine by.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
LAMELLA_STARTED_AS='make oracles' "$here/tools/setup.sh" run

pip="$here/.oracles/bin/python -m pip --disable-pip-version-check install -q --no-compile --prefer-binary"
[ -x "$here/.oracles/bin/python" ] || "$here/.venv/bin/python" -m venv "$here/.oracles"
# the CPU's build is a tenth of what the package index has
$pip 'torch==2.13.0' --index-url https://download.pytorch.org/whl/cpu || $pip 'torch==2.13.0'
$pip onnx scikit-learn Pillow natsort imageio
# the peers of the attribution methods; Zennit without torchvision, of which it needs names alone
$pip captum
$pip --no-deps zennit
# the peers of the matrix; this kaleido brings the browser that it draws with
$pip datashader seaborn 'plotly<6' 'kaleido==0.2.1'
# reference values of the tests: gradients of published architectures
[ -f "$here/tests/oracles/gradients/vgg19.npz" ] || (cd "$here" && .oracles/bin/python -m tests.oracles.autograd)
