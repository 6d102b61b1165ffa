"""The scatter view: three channels of a layer as a cloud of points that turns."""
