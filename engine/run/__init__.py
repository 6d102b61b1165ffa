"""Running a network: a child process with ONNX Runtime, and the extraction of every layer.

`runner.Runner` is the handle of one child; `probe.probe` asks for shapes; `extract.extract`
fills a study. What runs inside the child is in `child`, `sessions`, `feed`, `reduce` and
`extraction`; only these import ONNX Runtime.
"""
