// A surface lit from the eye, on both sides: dimmer where it turns away, and a white highlight
// where it faces the eye, mixed in (not added), so that it shows on light and on dark colours.
// Source: Phong, Illumination for Computer Generated Pictures, CACM 1975, with light = eye.
// CPU twin: tests/reference/raycast.py (lit).

const float AMBIENT = 0.35;
const float SHINE = 0.4;
const float SHARPNESS = 24.0;

// facing: cosine of the angle between the surface's normal and the ray, 0 to 1.
vec3 lit(vec3 colour, float facing) {
    vec3 dull = colour * mix(AMBIENT, 1.0, facing);
    return mix(dull, vec3(1.0), SHINE * pow(facing, SHARPNESS));
}
