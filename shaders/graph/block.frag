#version 330 core
// A block: its fill, a thin strip in the colour of its kind, a border; hatched where nothing is
// known; with two sheets behind it when it stands for several. Premultiplied. Cost: nothing.
// Marks: 1 hatched, 2 folded, 4 active, 8 under the pointer, 16 faded, 32 found.
// CPU twin: none needed.

in vec2 v_place;
flat in vec2 v_size;
flat in vec4 v_fill;
flat in vec4 v_strip;
flat in int v_marks;
uniform float u_ratio;
uniform vec4 u_border;
uniform vec4 u_hatch;
uniform vec4 u_accent;
uniform vec4 u_found;
uniform vec4 u_sheet;
uniform vec4 u_view_colour;
out vec4 out_colour;

// How deep a place lies inside a rectangle from (0, 0) to size; negative outside.
float depth_inside(vec2 place, vec2 size) {
    vec2 near = min(place, size - place);
    return min(near.x, near.y);
}

void main() {
    float unit = u_ratio;
    float small = clamp(v_size.y / (10.0 * unit), 0.0, 1.0);
    float inside = depth_inside(v_place, v_size);
    vec4 colour = vec4(0.0);
    if (inside > 0.0) {
        colour = v_fill;
        if ((v_marks & 1) != 0) {
            float line = mod(v_place.x + v_place.y, 8.0 * unit);
            if (line < 1.4 * unit) colour = u_hatch;
        }
        float strip = 3.0 * unit * small;
        if (v_place.x < strip) colour = v_strip;
        if (small < 1.0) colour = mix(mix(colour, v_strip, 0.6), colour, small);
        float border = 1.0 * unit;
        vec4 edge = u_border;
        if ((v_marks & 8) != 0) edge = mix(u_border, u_accent, 0.75);
        if ((v_marks & 32) != 0) { edge = u_found; border = 2.0 * unit; }
        if ((v_marks & 4) != 0) { edge = u_accent; border = 2.0 * unit; }
        bool loud = (v_marks & 44) != 0;
        if ((loud || (small >= 1.0 && v_place.x >= strip)) && inside < border)
            colour = vec4(edge.rgb, 1.0);
        if (loud && small < 1.0) colour = mix(vec4(edge.rgb, 1.0), colour, 0.3 * small);
    } else if ((v_marks & 2) != 0 && small > 0.3) {
        for (int sheet = 1; sheet <= 2; sheet++) {
            vec2 moved = v_place - 3.0 * unit * small * float(sheet);
            float deep = depth_inside(moved, v_size);
            if (deep > 0.0 && colour.a == 0.0)
                colour = deep < unit ? vec4(u_border.rgb, 1.0) : u_sheet;
        }
    }
    if ((v_marks & 4) != 0 && inside <= 0.0 && inside > -2.0 && small < 1.0)
        colour = vec4(u_accent.rgb, 1.0);
    if ((v_marks & 16) != 0) colour.rgb = mix(u_view_colour.rgb, colour.rgb, 0.35);
    out_colour = vec4(colour.rgb * colour.a, colour.a);
}
