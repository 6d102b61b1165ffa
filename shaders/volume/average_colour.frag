#version 330 core
// Colours the average over all slabs (what average.glsl wrote), premultiplied: the mean of the
// unsigned slabs in their map and that of the signed ones in theirs, mixed by length.
// Inputs: u_gathered as average.glsl says; u_colours the table. Cost: three reads a pixel.
// CPU twin: tests/reference/raycast.py (average).

#include "lib/colour_table.glsl"

in vec2 v_place;
uniform sampler2D u_gathered;
uniform sampler2D u_colours;
uniform bool u_by_density;         // opacity from the table instead of 1
uniform float u_gain;              // factor on the mean before it is coloured
out vec4 out_colour;

const float ODD_ENOUGH = 30000.0;

void main() {
    vec4 sums = texelFetch(u_gathered, ivec2(gl_FragCoord.xy), 0);
    if (sums.b + sums.a <= 0.0 && sums.r < ODD_ENOUGH) discard;
    float odd = sums.r > ODD_ENOUGH ? ENTRY_NAN
        : sums.b > ODD_ENOUGH ? ENTRY_INFINITE
        : sums.a > ODD_ENOUGH ? ENTRY_NEGATIVE_INFINITE : 0.0;
    if (odd > 0.0) {
        out_colour = result_colour(u_colours, 0, odd, u_by_density);
        return;
    }
    vec2 mean = u_gain * sums.rg / max(sums.ba, vec2(1e-6));
    float unsigned_index = index_from_place(clamp(mean.x, 0.0, 1.0));
    float signed_index = index_from_place(clamp(0.5 + 0.5 * mean.y, 0.0, 1.0));
    out_colour = mix(
        result_colour(u_colours, 0, unsigned_index, u_by_density),
        result_colour(u_colours, 1, signed_index, u_by_density),
        sums.a / (sums.a + sums.b));
}
