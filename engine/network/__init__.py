"""An ONNX file as a person's layers: load, graph, layers, axes, cost, scores, receptive fields."""
