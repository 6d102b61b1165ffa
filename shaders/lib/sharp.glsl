// Enlarging a picture to sharp squares with smooth edges by one bilinear read.
// Space: texels (texel n reaches from n to n + 1). CPU twin: tests/reference/density.py.

// Where to read so that the result is the mean over a pixel's square: a texel is `pixels` wide;
// below 1 the bilinear mean of the nearest two.
vec2 sharp_place(vec2 place, float pixels) {
    vec2 seam = floor(place + 0.5);
    return seam + clamp((place - seam) * max(pixels, 1.0), -0.5, 0.5);
}
