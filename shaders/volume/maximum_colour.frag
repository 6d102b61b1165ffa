#version 330 core
// Colours the maximum over all slabs (what maximum.glsl wrote), premultiplied.
// Inputs: u_maximum as maximum.glsl says; u_colours the table. Cost: two reads a pixel.
// CPU twin: tests/reference/raycast.py (colour_of_maximum).

#include "lib/colour_table.glsl"

in vec2 v_place;
uniform sampler2D u_maximum;
uniform sampler2D u_colours;
out vec4 out_colour;

void main() {
    vec4 best = texelFetch(u_maximum, ivec2(gl_FragCoord.xy), 0);
    float index;
    int row = 0;
    if (best.b > 0.5) index = ENTRY_NAN;
    else if (best.a > 0.75) index = ENTRY_INFINITE;
    else if (best.a > 0.25) index = ENTRY_NEGATIVE_INFINITE;
    else if (max(best.r, best.g) < -4.0) discard;
    else if (best.g > best.r) {
        row = 1;
        index = clamp(index_from_place(best.g * 0.5 + 0.5), 0.0, ENTRY_ABOVE);
    } else index = clamp(index_from_place(best.r), 0.0, ENTRY_ABOVE);
    out_colour = vec4(table_entry(u_colours, row, index).rgb, 1.0);
}
