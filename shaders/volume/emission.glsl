// Mode: emission and absorption, front to back; premultiplied colour and opacity.
// The opacity of a sample is that of the length it stands for, so that the picture does not
// depend on the step; a ray ends at an opacity of 0.998.
// Source: Max, Optical Models for Direct Volume Rendering, TVCG 1995.
// CPU twin: tests/reference/raycast.py (emission).

const vec4 MODE_NOTHING = vec4(0.0);
const float OPAQUE_ENOUGH = 0.998;

vec4 gathered;
float thickness;

void mode_begin(float length_in_world) {
    gathered = vec4(0.0);
    thickness = u_density * length_in_world * 1.442695041;  // for exp2
}

void mode_sample(float index, vec3 place) {
    vec4 entry = table_entry(u_colours, u_row, index);
    float opacity = 1.0 - exp2(-entry.a * thickness);
    gathered += (1.0 - gathered.a) * opacity * vec4(entry.rgb, 1.0);
}

bool mode_is_done() { return gathered.a > OPAQUE_ENOUGH; }

vec4 mode_end() { return gathered; }
