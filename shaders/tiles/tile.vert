#version 330 core
// Tiles: many small pictures in one draw, an instance each. Cost: six vertices a tile.
// CPU twin: none needed; the layout of an instance is viewer/visuals/tile_layout.py (TILE).

layout(location = 0) in vec4 a_box;     // pixels from the view's upper left: left, top, width, height
layout(location = 1) in vec4 a_source;  // texels: first column and row, columns and rows
layout(location = 2) in vec2 a_index;   // factor and offset from stored values to table indices
layout(location = 3) in vec3 a_style;   // row of the colour table, page (-1: none), table index
uniform vec2 u_view;                    // pixels: width and height
uniform float u_down;                   // pixels: added to every tile's top
out vec2 v_place;                       // texels from the tile's first
flat out vec4 v_source;
flat out vec2 v_wide;                   // texels a pixel
flat out vec2 v_index;
flat out vec3 v_style;

void main() {
    int number = int[6](0, 1, 2, 2, 1, 3)[gl_VertexID];
    vec2 corner = vec2(number & 1, number >> 1);
    v_place = corner * a_source.zw;
    v_source = a_source;
    v_wide = a_source.zw / a_box.zw;
    v_index = a_index;
    v_style = a_style;
    vec2 place = a_box.xy + corner * a_box.zw + vec2(0.0, u_down);
    gl_Position = vec4(place.x / u_view.x * 2.0 - 1.0, 1.0 - place.y / u_view.y * 2.0, 0.0, 1.0);
}
