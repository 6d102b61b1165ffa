#version 330 core
// All cells of a scatterplot matrix in one triangle: for a pixel its cell, its tile, its texel.
// Inputs: u_start cells (place of the box's upper left from the first cell in sight), u_size
// pixels a cell, u_pad share of a cell. Tables hold a tile's slot + 1, or 0, with bit 31 where x
// and y are exchanged and bit 30 on the diagonal. Colours are premultiplied, sRGB, 0 to 1.
// What is missing in the near sheet is read from the far one, else from the summary.
// Defines: NEAR where there are tiles, LACKS where some of them are missing: few variants, because
// software drawing compiles each anew, but takes every branch that is left in it.
// Cost: a table read and a texel a pixel from each. CPU twin: tests/reference/density.py.

#include "lib/sharp.glsl"

uniform vec2 u_corner;        // pixels: upper left of the box, from the framebuffer's lower left
uniform vec2 u_start;
uniform float u_size;
uniform float u_pad;
uniform vec2 u_count;         // cells in sight
uniform vec2 u_first;         // first cell in sight, from the first of the matrix
uniform vec3 u_background;
uniform vec4 u_line;          // colour and opacity of the lines between cells
uniform float u_strength;     // opacity of the density off the diagonal
uniform usampler2D u_near_table;
uniform usampler2D u_far_table;
uniform sampler2D u_near_texels;
uniform sampler2D u_far_texels;
uniform sampler2D u_summary;
uniform vec2 u_summary_size;  // texels that are cells: columns and rows
uniform vec4 u_near;          // tiles along a cell, bins of a tile, first tile right and down
uniform vec4 u_far;
uniform vec2 u_near_last;     // last tile of the table, right and down
uniform vec2 u_far_last;
out vec4 out_colour;

const uint MIRRORED = 0x80000000u;
const uint DIAGONAL = 0x40000000u;
const uint SLOT = 0x00ffffffu;

// The table's entry of the tile under an inner place, and the place in that tile, upwards.
uint entry_at(
    usampler2D table, vec4 sheet, vec2 last, vec2 cell, vec2 inner, out vec2 place
) {
    vec2 in_tiles = inner * sheet.x;
    vec2 tile = min(floor(in_tiles), sheet.x - 1.0);
    place = in_tiles - tile;
    vec2 at = cell * sheet.x + vec2(tile.x, sheet.x - 1.0 - tile.y) - sheet.zw;
    return texelFetch(table, ivec2(clamp(at, vec2(0.0), last)), 0).r;
}

vec4 tile_colour(sampler2D texels, vec4 sheet, uint entry, vec2 place) {
    if ((entry & MIRRORED) != 0u) place = place.yx;
    vec2 size = vec2(textureSize(texels, 0));
    int across = int(size.x / sheet.y);
    int slot = int(entry & SLOT) - 1;
    vec2 origin = vec2(slot % across, slot / across) * sheet.y;
    float pixels = u_size * (1.0 - 2.0 * u_pad) / (sheet.x * sheet.y);
    vec2 at = clamp(sharp_place(place * sheet.y, pixels), 0.5, sheet.y - 0.5);
    return textureLod(texels, (origin + at) / size, 0.0);
}

vec4 summary_colour(vec2 c) {
    vec2 size = vec2(textureSize(u_summary, 0));
    float level = max(0.0, -log2(u_size));
    float edge = 0.5 * exp2(level);  // no closer to the last cell: beyond it there is nothing
    vec2 at = clamp(sharp_place(u_first + c, u_size), vec2(0.5), max(u_summary_size - edge, 0.5));
    return textureLod(u_summary, at / size, level);
}

void main() {
    out_colour = vec4(u_background, 1.0);
    vec2 pixel = vec2(gl_FragCoord.x - u_corner.x, u_corner.y - gl_FragCoord.y);
    vec2 c = u_start + pixel / u_size;
    vec2 cell = floor(c);
    if (any(lessThan(cell, vec2(0.0))) || any(greaterThanEqual(cell, u_count))) return;
    vec2 inner = ((c - cell) - u_pad) / (1.0 - 2.0 * u_pad);
    inner.y = 1.0 - inner.y;
    vec4 colour = vec4(0.0);
    float strength = u_strength;
#ifdef NEAR
    vec2 place;
    uint entry = entry_at(u_near_table, u_near, u_near_last, cell, inner, place);
    if (entry != 0u) colour = tile_colour(u_near_texels, u_near, entry, place);
#ifdef LACKS
    bool lacks = entry == 0u;
    uint other = entry_at(u_far_table, u_far, u_far_last, cell, inner, place);
    if (lacks && other != 0u) colour = tile_colour(u_far_texels, u_far, other, place);
    else if (lacks) colour = summary_colour(cell + 0.5);
    if (lacks) entry = other;
#endif
    if (any(lessThan(inner, vec2(0.0))) || any(greaterThanEqual(inner, vec2(1.0)))) strength = 0.0;
    else if ((entry & DIAGONAL) != 0u) strength = 1.0;
#else
    colour = summary_colour(c);
#endif
    colour *= strength;
    vec3 shade = colour.rgb + (1.0 - colour.a) * u_background;
    vec2 from_edge = (c - cell) * u_size;
    if (from_edge.x < 1.0 || from_edge.y < 1.0) shade = mix(shade, u_line.rgb, u_line.a);
    out_colour = vec4(shade, 1.0);
}
