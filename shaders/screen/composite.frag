#version 330 core
// Lays a premultiplied picture of any resolution over the background, bilinearly; opaque.
// Inputs: u_picture RGBA 0..1 premultiplied, u_background RGB 0..1. Cost: one read a pixel.
// CPU twin: tests/reference/raycast.py (composite).

in vec2 v_place;
uniform sampler2D u_picture;
uniform vec3 u_background;
out vec4 out_colour;

void main() {
    vec4 colour = textureLod(u_picture, v_place, 0.0);
    out_colour = vec4(colour.rgb + (1.0 - colour.a) * u_background, 1.0);
}
