#version 330 core
// The box of one slab; the rays of its back faces are followed in slab.frag.
// Inputs: none (36 vertices are made here). Uniforms in world units. Cost: nothing.
// CPU twin: viewer/visuals/slab.py (Slab.box).

uniform mat4 u_clip_from_world;
uniform vec3 u_box_low;
uniform vec3 u_box_high;
out vec3 v_position_in_world;

// Corners of two triangles a face, counter-clockwise from outside; bits are x, y, z.
const int CORNERS[36] = int[36](
    0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5,
    0, 1, 5, 0, 5, 4, 2, 6, 7, 2, 7, 3,
    0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6);

void main() {
    int corner = CORNERS[gl_VertexID];
    vec3 part = vec3(corner & 1, (corner >> 1) & 1, (corner >> 2) & 1);
    v_position_in_world = mix(u_box_low, u_box_high, part);
    gl_Position = u_clip_from_world * vec4(v_position_in_world, 1.0);
}
