"""The sample: its picture, the receptive field of the unit looked at, and the predictions."""
