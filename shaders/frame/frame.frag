#version 330 core
// A line with soft sides, premultiplied. Cost: nothing.
// CPU twin: none needed.

in float v_across;
uniform float u_width;      // pixels
uniform vec4 u_colour;      // not premultiplied, 0..1
out vec4 out_colour;

void main() {
    float cover = clamp(u_width * 0.5 + 0.5 - abs(v_across), 0.0, 1.0);
    float opacity = u_colour.a * cover;
    out_colour = vec4(u_colour.rgb * opacity, opacity);
}
