// Mode: attenuated maximum. A value counts as much as what lies before it on the ray lets through:
// strength * exp(-attenuation * sum of (strength * length) before it); the largest is shown.
// Strength is the distance from zero, so negative values count like positive ones.
// Writes, for attenuate.frag to lay over what is behind:
//   r  largest of unsigned slabs      g, b  largest of positive, of negative values of signed ones
//   a  what the slab lets through, 0 to 1; or -2, -3, -4 where -inf, +inf, NaN was met
// Source: the idea of attenuated projection in VisPy and napari; the sum here is over lengths in
// the world, so that a picture does not depend on the step.
// CPU twin: tests/reference/raycast.py (attenuated).

uniform bool u_signed;
uniform float u_absorption;        // for each world unit of full strength
const vec4 MODE_NOTHING = vec4(0.0, 0.0, 0.0, 1.0);

vec2 best;
float passed;
float rate;
float odd;

void mode_begin(float length_in_world) {
    best = vec2(0.0);
    passed = 0.0;
    rate = u_absorption * length_in_world * 1.442695041;  // for exp2
    odd = 0.0;
}

void mode_sample(float index, vec3 place) {
    if (index > ENTRY_ABOVE + 0.5) {
        odd = max(odd, index < ENTRY_INFINITE ? 4.0 : index < ENTRY_NEGATIVE_INFINITE ? 3.0 : 2.0);
        return;
    }
    float strength = strength_from_index(index, u_signed);
    float left = strength * exp2(-passed);
    if (u_signed && index < 0.5 * (STEPS + 2.0)) best.y = max(best.y, left);
    else best.x = max(best.x, left);
    passed += rate * min(strength, 1.0);
}

bool mode_is_done() { return false; }

vec4 mode_end() {
    float through = odd > 0.0 ? -odd : exp2(-passed);
    return u_signed ? vec4(0.0, best, through) : vec4(best.x, 0.0, 0.0, through);
}
