// Mode: slabs. Every layer is a solid block, and each of its faces shows what lies behind it,
// straight through the block: in front, for each position, the value farthest from zero of all
// channels; on the sides, for each channel, that of all columns (rows). Clip planes cut the block,
// and what they cut off does not count: one channel alone is shown as its map.
// Cost: one read for each voxel behind the face.
// CPU twin: tests/reference/raycast.py (slabs).

uniform bool u_signed;
const vec4 MODE_NOTHING = vec4(0.0);

vec4 face;

void mode_begin(float length_in_world) {
    vec3 across = vec3(ray_face == 0, ray_face == 1, ray_face == 2);
    float low = dot(across, u_part_low);
    float high = dot(across, u_part_high);
    // The voxels whose middles are inside, or the one that a thinner part lies in.
    float first = ceil(low - 0.5);
    float last = floor(high - 0.5);
    if (last < first) first = last = floor(0.5 * (low + high));
    vec3 stride = across * vec3(1.0 / u_voxels.xy, 1.0);
    vec3 start = ray_entry * (1.0 - across) + 0.5 * stride * vec3(1.0, 1.0, 0.0);
    float shown = 0.0;
    float farthest = -1.0;
    for (float number = first; number <= last; number += u_spacing) {
        float index = index_at(start + number * stride);
        // What is not finite counts in the order of its entries: NaN before the infinities.
        float far = index > ENTRY_ABOVE + 0.5 ? 10.0 - index + ENTRY_NAN
            : strength_from_index(index, u_signed);
        if (far > farthest) shown = index;
        farthest = max(farthest, far);
    }
    face = vec4(table_entry(u_colours, u_row, shown).rgb, 1.0);
}

void mode_sample(float index, vec3 place) {}

bool mode_is_done() { return true; }

vec4 mode_end() { return face; }
