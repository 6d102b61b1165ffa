#version 330 core
// Colours the maximum over all slabs (what maximum.glsl wrote), premultiplied.
// Inputs: u_gathered as maximum.glsl says; u_colours the table. Cost: two reads a pixel.
// CPU twin: tests/reference/raycast.py (colour_of_maximum).

#include "lib/colour_table.glsl"

in vec2 v_place;
uniform sampler2D u_gathered;
uniform sampler2D u_colours;
uniform bool u_by_density;         // opacity from the table instead of 1
out vec4 out_colour;

void main() {
    vec4 best = texelFetch(u_gathered, ivec2(gl_FragCoord.xy), 0);
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
    out_colour = result_colour(u_colours, row, index, u_by_density);
}
