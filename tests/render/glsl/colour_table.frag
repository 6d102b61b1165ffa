#version 330 core
// Evaluates shaders/lib/colour_table.glsl, lib/jitter.glsl and lib/lighting.glsl on one pixel.
#include "lib/colour_table.glsl"
#include "lib/jitter.glsl"
#include "lib/lighting.glsl"
uniform int u_what;
uniform vec4 u_rest;
uniform sampler2D u_colours;
out vec4 out_colour;

void main() {
    if (u_what == 0) out_colour = table_entry(u_colours, int(u_rest.x), u_rest.y);
    if (u_what == 1) out_colour = vec4(place_from_index(u_rest.x), index_from_place(u_rest.y), 0, 0);
    if (u_what == 2) out_colour = vec4(index_of_special(u_rest.x));
    if (u_what == 3) out_colour = vec4(pixel_noise(u_rest.xy));
    if (u_what == 4) out_colour = vec4(strength_from_index(u_rest.x, u_rest.y > 0.0));
    if (u_what == 5) out_colour = result_colour(u_colours, int(u_rest.x), u_rest.y, u_rest.z > 0.0);
    if (u_what == 6) out_colour = vec4(lit(u_rest.xyz, u_rest.w), 1.0);
}
