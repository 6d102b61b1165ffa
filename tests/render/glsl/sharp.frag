#version 330 core
// Writes what sharp_place gives to one pixel.
#include "lib/sharp.glsl"

uniform vec4 u_rest;  // place (2), pixels
out vec4 out_colour;

void main() { out_colour = vec4(sharp_place(u_rest.xy, u_rest.z), 0.0, 0.0); }
