#version 330 core
// A picture's pixels, opaque: sharp squares when large, averaged (mipmaps) when small.
// Cost: one read a pixel. CPU twin: none needed.

in vec2 v_place;
uniform sampler2D u_pixels;
out vec4 out_colour;

void main() {
    out_colour = vec4(texture(u_pixels, v_place).rgb, 1.0);
}
