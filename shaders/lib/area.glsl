// Averaging over the area that a pixel covers, along one axis of a picture of texels.
// Space: texels (texel n reaches from n to n + 1). CPU twin: tests/reference/tiles.py.

// The part of 0..size that a pixel covers whose middle is at `place` and that is `wide` texels
// wide; never more than MOST_TEXELS, so that the loop over it ends.
const float MOST_TEXELS = 8.0;
vec2 covered(float place, float wide, float size) {
    float halfway = 0.5 * min(wide, MOST_TEXELS);
    return clamp(vec2(place - halfway, place + halfway), 0.0, size);
}

// How much of texel n lies in a range, 0 to 1.
float share_of_texel(float n, vec2 range) {
    return max(0.0, min(n + 1.0, range.y) - max(n, range.x));
}
