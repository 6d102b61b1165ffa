#version 330 core
// A wire with soft sides, premultiplied.
// Inputs: v_across pixels from the middle of the line; v_colour RGBA 0..1; u_width pixels. Cost: nothing.
// CPU twin: tests/render/test_graph.py (a wire's coverage across its width).

in float v_across;
flat in vec4 v_colour;
uniform float u_width;      // pixels
out vec4 out_colour;

void main() {
    float cover = clamp(u_width * 0.5 + 0.5 - abs(v_across), 0.0, 1.0);
    float opacity = v_colour.a * cover;
    out_colour = vec4(v_colour.rgb * opacity, opacity);
}
