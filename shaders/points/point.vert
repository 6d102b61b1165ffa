#version 330 core
// Points of one cell as discs, from columns of 16-bit codes and a byte of group and selection.
// A point that is left out, not finite or of the other pass lies outside of clip space.
// Inputs: u_box pixels (left, top, width, height of the part that shows the range), u_ends codes
// (low and 1 / width along x, along y). Cost: one vertex a point.
// CPU twin: viewer/views/matrix/layout.py (share_of_range, Sight.pixel_of).

layout(location = 0) in float a_x;      // codes
layout(location = 1) in float a_y;
layout(location = 2) in float a_plane;  // group; groups + 1 more when selected
uniform vec4 u_box;
uniform vec4 u_ends;
uniform vec2 u_view;                    // pixels of the framebuffer
uniform float u_groups;
uniform float u_selected;               // which pass: 0 others, 1 selected
uniform float u_diameter;               // pixels
uniform float u_rows;                   // diagonal: part of the height for rows of groups; else 0
uniform sampler2D u_colours;
flat out vec3 v_colour;

const float FINITE = 65280.0;

// A place within a row that looks random and is always the same for a point (Wellons' lowbias32).
float jitter_of(int number) {
    uint n = uint(number);
    n = (n ^ (n >> 16)) * 0x7feb352du;
    n = (n ^ (n >> 15)) * 0x846ca68bu;
    return float((n ^ (n >> 16)) >> 8) / 16777216.0;
}

void main() {
    float selected = a_plane > u_groups ? 1.0 : 0.0;
    float group = a_plane - selected * (u_groups + 1.0);
    gl_PointSize = u_diameter + 1.0;
    v_colour = vec3(0.0);
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    if (group >= u_groups || selected != u_selected || a_x >= FINITE || a_y >= FINITE) return;
    vec2 share = (vec2(a_x, a_y) + 0.5 - u_ends.xz) * u_ends.yw;
    if (u_rows > 0.0) share.y = u_rows * (1.0 - (group + 0.15 + 0.7 * jitter_of(gl_VertexID)) / u_groups);
    vec2 place = u_box.xy + vec2(share.x, 1.0 - share.y) * u_box.zw;
    gl_Position = vec4(place.x / u_view.x * 2.0 - 1.0, 1.0 - place.y / u_view.y * 2.0, 0.0, 1.0);
    v_colour = texelFetch(u_colours, ivec2(int(group), 0), 0).rgb;
}
