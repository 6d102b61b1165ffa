#version 330 core
// Coverage from the atlas times a colour, premultiplied. Cost: one read a pixel.
// CPU twin: none needed.

in vec2 v_atlas;
in vec4 v_colour;
uniform sampler2D u_atlas;
out vec4 out_colour;

void main() {
    float opacity = v_colour.a * textureLod(u_atlas, v_atlas, 0.0).r;
    out_colour = vec4(v_colour.rgb * opacity, opacity);
}
