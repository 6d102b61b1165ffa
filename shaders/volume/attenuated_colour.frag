#version 330 core
// Colours the attenuated maximum over all slabs (what attenuate.frag gathered), premultiplied.
// Inputs: u_gathered as attenuate.frag says; u_colours the table. Cost: two reads a pixel.
// CPU twin: tests/reference/raycast.py (attenuated).

#include "lib/colour_table.glsl"

in vec2 v_place;
uniform sampler2D u_gathered;
uniform sampler2D u_colours;
uniform bool u_by_density;         // opacity from the table instead of 1
out vec4 out_colour;

void main() {
    vec4 best = texelFetch(u_gathered, ivec2(gl_FragCoord.xy), 0);
    if (best.a < 0.5) discard;
    float place = best.r;
    int row = 0;
    if (max(best.g, best.b) > best.r) {
        row = 1;
        place = best.g >= best.b ? 0.5 + 0.5 * best.g : 0.5 - 0.5 * best.b;
    }
    float index = clamp(index_from_place(place), 0.0, ENTRY_ABOVE);
    if (best.a > 3.5) index = ENTRY_NAN;
    else if (best.a > 2.5) index = ENTRY_INFINITE;
    else if (best.a > 1.5) index = ENTRY_NEGATIVE_INFINITE;
    out_colour = result_colour(u_colours, row, index, u_by_density);
}
