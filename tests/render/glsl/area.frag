#version 330 core
// Evaluates shaders/lib/area.glsl on one pixel.
#include "lib/area.glsl"
uniform int u_what;
uniform vec4 u_rest;
out vec4 out_colour;

void main() {
    if (u_what == 0) out_colour = vec4(covered(u_rest.x, u_rest.y, u_rest.z), 0.0, 0.0);
    if (u_what == 1) out_colour = vec4(share_of_texel(u_rest.x, u_rest.yz));
}
