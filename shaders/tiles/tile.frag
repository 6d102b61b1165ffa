#version 330 core
// A tile's values through the colour table: sharp squares when enlarged, means over the area of
// the pixel when reduced. A special value (NaN, infinite) in that area wins, NaN first; absent
// texels do not count. Stored values are those of viewer/visuals/slab.py.
// Cost: one texture read enlarged, up to nine reduced by up to two, and one table read a pixel.
// CPU twin: tests/reference/tiles.py (tile_index).

#include "lib/colour_table.glsl"
#include "lib/area.glsl"

in vec2 v_place;
flat in vec4 v_source;
flat in vec2 v_wide;
flat in vec2 v_index;
flat in vec3 v_style;
uniform sampler2DArray u_pages;
uniform sampler2D u_colours;
out vec4 out_colour;

const float NOT_FINITE = 1.5;  // stored values are within -1..1

float stored_at(vec2 texel) {
    return texelFetch(u_pages, ivec3(v_source.xy + texel, int(v_style.y)), 0).r;
}

// Rank of special values: NaN before +inf before -inf before absent.
float rank(float special) {
    if (special > 0.0) return special > 24000.0 ? 3.0 : 4.0;
    return special < -24000.0 ? 2.0 : 1.0;
}

float area_mean() {
    vec2 columns = covered(v_place.x, v_wide.x, v_source.z);
    vec2 rows = covered(v_place.y, v_wide.y, v_source.w);
    float sum = 0.0;
    float weight = 0.0;
    float special = 0.0;
    for (float y = floor(rows.x); y < rows.y; y += 1.0) {
        float tall = share_of_texel(y, rows);
        for (float x = floor(columns.x); x < columns.y; x += 1.0) {
            float stored = stored_at(vec2(x, y));
            float share = tall * share_of_texel(x, columns);
            if (abs(stored) < NOT_FINITE) {
                sum += share * stored;
                weight += share;
            } else if (special == 0.0 || rank(stored) > rank(special)) {
                special = stored;
            }
        }
    }
    if (special != 0.0 && (weight == 0.0 || rank(special) > 1.0)) return special;
    return sum / max(weight, 1e-6);
}

void main() {
    float index = v_style.z;
    if (v_style.y >= 0.0) {
        vec2 last = ceil(v_source.zw) - 1.0;
        float stored = max(v_wide.x, v_wide.y) <= 1.0
            ? stored_at(clamp(floor(v_place), vec2(0.0), last))
            : area_mean();
        if (abs(stored) < NOT_FINITE)
            index = clamp(stored * v_index.x + v_index.y, 0.0, ENTRY_ABOVE);
        else
            index = index_of_special(stored);
    }
    if (index < 0.0) discard;
    out_colour = vec4(table_entry(u_colours, int(v_style.x), index).rgb, 1.0);
}
