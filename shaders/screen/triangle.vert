#version 330 core
// One triangle over the whole view. v_place: 0 to 1 from the lower left corner. Cost: nothing.
// CPU twin: none needed.

out vec2 v_place;

void main() {
    v_place = vec2((gl_VertexID & 1) * 2, gl_VertexID & 2);
    gl_Position = vec4(v_place * 2.0 - 1.0, 0.0, 1.0);
}
