#version 330 core
// Evaluates shaders/lib/ray.glsl on one pixel. u_what: which function; u_rest: its last inputs.
#include "lib/ray.glsl"
uniform int u_what;
uniform vec3 u_origin;
uniform vec3 u_direction;
uniform vec3 u_low;
uniform vec3 u_high;
uniform vec4 u_rest;
out vec4 out_colour;

void main() {
    vec2 range = box_range(u_origin, u_direction, u_low, u_high);
    if (u_what == 0) out_colour = vec4(range, 0.0, 0.0);
    if (u_what == 3) {
        vec3 enter = u_origin + u_direction * range.x;
        out_colour = vec4(float(entered_face(enter, u_direction, u_low, u_high)));
    }
    if (u_what == 1) out_colour = vec4(float(main_axis(u_direction)));
    if (u_what == 2) {
        int axis = main_axis(u_direction);
        float at_enter = u_origin[axis] + u_direction[axis] * range.x;
        out_colour = vec4(first_plane(at_enter, u_direction[axis], range, u_rest.x, u_rest.y), 0.0);
    }
}
