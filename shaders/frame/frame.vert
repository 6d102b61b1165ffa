#version 330 core
// The twelve edges of a box as thin screen-aligned strips; an edge not in u_edges collapses.
// Inputs: none (72 vertices are made here). World units, pixels where said. Cost: nothing.
// CPU twin: viewer/visuals/frame.py (edge_mask).

uniform mat4 u_clip_from_world;
uniform vec3 u_box_low;
uniform vec3 u_box_high;
uniform int u_edges;        // bit n: edge n is drawn
uniform vec2 u_view;        // pixels
uniform float u_width;      // pixels
out float v_across;         // pixels from the middle of the line

// Edge n runs along axis n / 4; the two bits of n % 4 are its sides on the next two axes.
vec3 corner(int edge, float along) {
    int axis = edge / 4;
    vec3 part;
    part[axis] = along;
    part[(axis + 1) % 3] = float(edge & 1);
    part[(axis + 2) % 3] = float((edge >> 1) & 1);
    return mix(u_box_low, u_box_high, part);
}

void main() {
    int edge = gl_VertexID / 6;
    int place = gl_VertexID % 6;
    vec4 start = u_clip_from_world * vec4(corner(edge, 0.0), 1.0);
    vec4 end = u_clip_from_world * vec4(corner(edge, 1.0), 1.0);
    const float NEAR = 1e-4;
    if (((u_edges >> edge) & 1) == 0 || (start.w < NEAR && end.w < NEAR)) {
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
        v_across = 0.0;
        return;
    }
    if (start.w < NEAR) start = mix(end, start, (end.w - NEAR) / (end.w - start.w));
    if (end.w < NEAR) end = mix(start, end, (start.w - NEAR) / (start.w - end.w));
    vec2 from = start.xy / start.w * u_view * 0.5;
    vec2 to = end.xy / end.w * u_view * 0.5;
    vec2 along = to - from;
    along = dot(along, along) > 1e-12 ? normalize(along) : vec2(1.0, 0.0);
    bool at_end = place == 2 || place == 3 || place == 5;
    float side = (place == 1 || place == 4 || place == 5) ? 1.0 : -1.0;
    v_across = side * (u_width * 0.5 + 1.0);
    vec2 pixel = (at_end ? to : from) + vec2(-along.y, along.x) * v_across;
    gl_Position = vec4(pixel / (u_view * 0.5), 0.0, 1.0);
}
