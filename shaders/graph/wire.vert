#version 330 core
// Wires of a graph, one instance each: a curve that leaves and arrives along the depth (cubic,
// both control points half way along), or a straight piece, as a strip of u_steps parts.
// Inputs: a_ends in the graph: from (across, along) to (across, along); a_colour RGBA 0..1.
// Cost: 2 (u_steps + 1) vertices a wire. CPU twin: viewer/views/network/build.py (curve).

layout(location = 0) in vec4 a_ends;
layout(location = 1) in vec4 a_colour;
uniform vec2 u_view;        // pixels
uniform vec2 u_offset;      // pixels, across and along
uniform float u_scale;
uniform bool u_swap;
uniform int u_steps;
uniform float u_width;      // pixels
out float v_across;         // pixels from the middle of the line
flat out vec4 v_colour;

vec2 view_from_graph(vec2 place) {
    vec2 moved = place * u_scale + u_offset;
    return u_swap ? moved.yx : moved;
}

void main() {
    int step = gl_VertexID / 2;
    float side = (gl_VertexID & 1) == 0 ? -1.0 : 1.0;
    float t = float(step) / float(u_steps);
    vec2 start = a_ends.xy, end = a_ends.zw;
    float half_way = 0.5 * (start.y + end.y);
    float across = mix(start.x, end.x, t * t * (3.0 - 2.0 * t));
    float u = 1.0 - t;
    float along = u * u * u * start.y + 3.0 * u * t * half_way + t * t * t * end.y;
    vec2 slope = vec2(6.0 * t * u * (end.x - start.x),
                      1.5 * (end.y - start.y) * (u * u + t * t));
    vec2 way = u_swap ? slope.yx : slope;
    way = dot(way, way) > 1e-9 ? normalize(way) : vec2(0.0, 1.0);
    v_across = side * (u_width * 0.5 + 1.0);
    v_colour = a_colour;
    vec2 pixel = view_from_graph(vec2(across, along)) + vec2(-way.y, way.x) * v_across;
    vec2 clip = pixel / u_view * 2.0 - 1.0;
    gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}
