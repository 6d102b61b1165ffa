// Mode: average along the whole ray. Writes, for adding up over all slabs:
//   r  sum of place * length of unsigned slabs    g  the same, -1..1, of signed ones
//   b  length in unsigned slabs                   a  length in signed ones
// Lengths are in the scene's unit. What is clipped counts as the end of the range. A NaN adds
// ODD to r, a positive (negative) infinity to b (to a).
// CPU twin: tests/reference/raycast.py (average).

uniform bool u_signed;
uniform float u_unit;              // world units
const vec4 MODE_NOTHING = vec4(0.0);
const float ODD = 40000.0;

float sum;
float length_of_one;
float present;
vec3 odd;

void mode_begin(float length_in_world) {
    length_of_one = length_in_world / u_unit;
    sum = 0.0;
    present = 0.0;
    odd = vec3(0.0);
}

void mode_sample(float index, vec3 place) {
    if (index > ENTRY_ABOVE + 0.5) {
        if (index < ENTRY_INFINITE) odd.x = ODD;
        else if (index < ENTRY_NEGATIVE_INFINITE) odd.y = ODD;
        else odd.z = ODD;
        return;
    }
    float along = clamp(place_from_index(index), 0.0, 1.0);
    sum += u_signed ? 2.0 * along - 1.0 : along;
    present += 1.0;
}

bool mode_is_done() { return false; }

vec4 mode_end() {
    vec2 found = vec2(sum, present) * length_of_one;
    vec4 sums = u_signed ? vec4(0.0, found.x, 0.0, found.y) : vec4(found.x, 0.0, found.y, 0.0);
    return sums + vec4(odd.x, 0.0, odd.yz);
}
