#version 330 core
// Points of three channels as discs in space, from columns of 16-bit codes and a byte of group.
// Inputs: u_clip_from_codes takes codes to clip space; u_depths view distance of the nearest and the
// farthest corner of the cube: farther points lean to the background. Cost: one vertex a point.
// CPU twin: viewer/views/scatter/build.py (pixels_of).

layout(location = 0) in float a_x;      // codes
layout(location = 1) in float a_y;
layout(location = 2) in float a_z;
layout(location = 3) in float a_group;
uniform mat4 u_clip_from_codes;
uniform float u_diameter;               // pixels
uniform vec2 u_depths;
uniform float u_farthest;               // how much of its colour the farthest corner keeps, 0 to 1
uniform float u_colourful;              // how much of its colour a point has, else grey: 0 to 1
uniform vec3 u_background;
uniform vec3 u_grey;
uniform sampler2D u_colours;
flat out vec3 v_colour;

void main() {
    gl_Position = u_clip_from_codes * vec4(a_x, a_y, a_z, 1.0);
    gl_PointSize = u_diameter + 1.0;
    float far = clamp((gl_Position.w - u_depths.x) / (u_depths.y - u_depths.x), 0.0, 1.0);
    vec3 colour = texelFetch(u_colours, ivec2(int(a_group), 0), 0).rgb;
    colour = mix(u_grey, colour, u_colourful);
    v_colour = mix(colour, u_background, far * far * (1.0 - u_farthest));
}
