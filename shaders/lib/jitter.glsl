// A number from 0 to 1 for each pixel that looks like noise to the eye (interleaved gradients).
// Source: J. Jimenez, Next Generation Post Processing in Call of Duty, SIGGRAPH 2014.
// CPU twin: tests/reference/raycast.py (pixel_noise).

float pixel_noise(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}
