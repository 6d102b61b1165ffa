#version 330 core
// Lays what attenuated.glsl wrote for one slab over what is behind it, in two draws, because
// blending can multiply or take the larger, not both:
//   factor   what was behind is multiplied by what the slab lets through (blend ZERO, SRC_ALPHA)
//   else     the larger is kept (blend MAX); alpha becomes 1: something met, 2, 3, 4: as there
// Drawn over the slab's box with slab.vert. Cost: one read a pixel.
// CPU twin: tests/reference/raycast.py (attenuated).

in vec3 v_position_in_world;
uniform sampler2D u_slab;
uniform bool u_factor;
out vec4 out_colour;

void main() {
    vec4 found = texelFetch(u_slab, ivec2(gl_FragCoord.xy), 0);
    if (u_factor) out_colour = vec4(0.0, 0.0, 0.0, max(found.a, 0.0));
    else out_colour = vec4(found.rgb, found.a < -1.0 ? -found.a : 1.0);
}
