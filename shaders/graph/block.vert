#version 330 core
// Blocks of a graph, one instance each: a rectangle with room for the sheets behind a folded one.
// Inputs: a_centre in the graph (across the depth, along it), pixels at scale 1; a_fill and
// a_strip RGBA 0..1; a_marks bits, see block.frag. Cost: nothing.
// CPU twin: viewer/views/network/build.py (Placing).

layout(location = 0) in vec2 a_centre;
layout(location = 1) in vec4 a_fill;
layout(location = 2) in vec4 a_strip;
layout(location = 3) in float a_marks;
uniform vec2 u_view;        // pixels
uniform vec2 u_offset;      // pixels of the view, across and along, of the graph's origin
uniform float u_scale;      // pixels of the view for each of the graph
uniform vec2 u_half;        // half a block across and along, in the graph
uniform bool u_swap;        // depth grows to the right
uniform float u_ratio;      // pixels for each logical pixel
out vec2 v_place;           // pixels from the block's upper left corner
flat out vec2 v_size;       // pixels
flat out vec4 v_fill;
flat out vec4 v_strip;
flat out int v_marks;
const vec2 CORNERS[6] = vec2[6](vec2(0, 0), vec2(1, 0), vec2(0, 1), vec2(0, 1), vec2(1, 0),
                                vec2(1, 1));

void main() {
    vec2 low = (a_centre - u_half) * u_scale + u_offset;
    vec2 high = (a_centre + u_half) * u_scale + u_offset;
    if (u_swap) { low = low.yx; high = high.yx; }
    if (high.y - low.y > 8.0 * u_ratio) { low = floor(low + 0.5); high = floor(high + 0.5); }
    v_size = max(high - low, vec2(1.0));
    vec2 from = vec2(-2.0), to = v_size + 8.0 * u_ratio;
    v_place = mix(from, to, CORNERS[gl_VertexID]);
    v_fill = a_fill;
    v_strip = a_strip;
    v_marks = int(a_marks + 0.5);
    vec2 clip = (low + v_place) / u_view * 2.0 - 1.0;
    gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}
