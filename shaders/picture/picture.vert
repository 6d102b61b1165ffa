#version 330 core
// A flat picture in the world. Inputs: none (6 vertices are made here). Cost: nothing.
// CPU twin: viewer/visuals/slab.py (Picture.box).

uniform mat4 u_clip_from_world;
uniform vec3 u_corner;      // world: corner of the first pixel
uniform vec3 u_extent;      // world: sizes along columns and rows, with sign
out vec2 v_place;           // 0 to 1 along columns and rows

void main() {
    int corner = int[6](0, 1, 2, 2, 1, 3)[gl_VertexID];
    v_place = vec2(corner & 1, corner >> 1);
    gl_Position = u_clip_from_world * vec4(u_corner + u_extent * vec3(v_place, 0.0), 1.0);
}
