// Mode: maximum intensity. Writes, for blending by maximum over all slabs:
//   r  largest place 0..1 of unsigned slabs      g  largest place -1..1 of signed slabs
//      (2 above the range, -2 below it)
//   b  1 where a NaN was met                     a  1 (0.5) where a positive (negative) infinity
// maximum_colour.frag turns it into colour. Nothing met: NOTHING, as it is cleared.
// CPU twin: tests/reference/raycast.py (maximum).

uniform bool u_signed;
const float NOTHING = -8.0;
const vec4 MODE_NOTHING = vec4(NOTHING, NOTHING, 0.0, 0.0);

float best;
vec2 odd;

void mode_begin(float length_in_world) {
    best = -2.0;
    odd = vec2(0.0);
}

void mode_sample(float index, vec3 place) {
    if (index > ENTRY_ABOVE + 0.5) {
        if (index < ENTRY_INFINITE) odd.x = 1.0;
        else odd.y = max(odd.y, index < ENTRY_NEGATIVE_INFINITE ? 1.0 : 0.5);
        return;
    }
    best = max(best, index);
}

bool mode_is_done() { return false; }

vec4 mode_end() {
    if (best < 0.0) return vec4(NOTHING, NOTHING, odd);
    float place = place_from_index(best);
    if (u_signed) place = 2.0 * place - 1.0;
    if (best >= ENTRY_ABOVE) place = 2.0;
    if (best < 1.0) place = -2.0;
    return u_signed ? vec4(NOTHING, place, odd) : vec4(place, NOTHING, odd);
}
