"""What a decision, a unit or a filter rests on: methods by their names.

Gradients and their relatives, DeconvNet, guided backpropagation, Grad-CAM and LRP are the backward
walk of `engine.gradient` with other rules; occlusion needs no gradient. Each result carries its own
check where one exists.
"""

METHODS = (
    "gradient",
    "input-x-gradient",
    "integrated-gradients",
    "smoothgrad",
    "deconvnet",
    "guided",
    "grad-cam",
    "guided-grad-cam",
    "lrp",
    "occlusion",
)
