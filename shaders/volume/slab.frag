#version 330 core
// Follows one ray through one slab and hands its samples to a mode.
//
// The hook `mode` is a file with
//   const vec4 MODE_NOTHING                            written where the ray misses the box
//   void mode_begin(float length_in_world);            length that one sample stands for
//   void mode_sample(float index, vec3 place);         table index, and where: see index_at
//   bool mode_is_done();                               asked every few samples: may the ray end?
//   vec4 mode_end();                                   what is written
// and knows the ray by the globals ray_*.
// Values are bilinear inside a channel and never interpolated between channels: the volume is an
// array of 2D layers. ORDERED: channels stand in the order of u_order. SPECIALS: the volume holds
// NaN, infinite or absent values. CELLS: every voxel is a unit of its own, with a quiet gap
// around it.
// Cost: one texture read (SPECIALS: two) and one table read a sample.
// CPU twin: tests/reference/raycast.py.

#include "lib/ray.glsl"
#include "lib/colour_table.glsl"
#include "lib/jitter.glsl"

in vec3 v_position_in_world;
uniform vec4 u_eye;                // world: (position, 1), or (direction of parallel rays, 0)
uniform vec3 u_corner;             // world: corner of voxel (0, 0, 0)
uniform vec3 u_extent;             // world: sizes along columns, rows, channels, with sign
uniform vec3 u_voxels;             // columns, rows, channels
uniform vec3 u_part_low;           // voxels: the part that is drawn
uniform vec3 u_part_high;
uniform float u_spacing;           // voxels from sample to sample along the main axis
uniform float u_jitter;            // 0: samples in the planes of voxels; 1: moved by up to one
uniform float u_gap;               // CELLS: width of the gap round a cell, in voxels
uniform vec2 u_index_from_stored;  // factor and offset from stored values to table indices
uniform int u_row;                 // row of the colour table
uniform float u_density;           // opacity per world unit at relative density 1
uniform sampler2DArray u_values;
uniform sampler2D u_colours;
#ifdef ORDERED
uniform usampler2D u_order;
#endif
out vec4 out_colour;

const int CHUNK = 16;
const float INSIDE = 0.01;         // voxels

vec3 ray_direction;                // world, unit length
vec3 ray_entry;                    // place where the part that is drawn is entered
int ray_face;                      // axis across the face that is entered there

// Table index at a place in the texture: columns and rows 0..1, channel - 0.5, which the sampler
// rounds to a whole channel.
float index_at(vec3 place) {
#ifdef ORDERED
    float wanted = clamp(floor(place.z + 0.5), 0.0, u_voxels.z - 1.0);
    place.z = float(texelFetch(u_order, ivec2(int(wanted), 0), 0).r);
#endif
    float stored = textureLod(u_values, place, 0.0).r;
#if defined(SPECIALS) || defined(CELLS)
    vec2 cell = clamp(place.xy * u_voxels.xy, vec2(0.0), u_voxels.xy - 0.5);
#endif
#ifdef SPECIALS
    float channel = clamp(floor(place.z + 0.5), 0.0, u_voxels.z - 1.0);
    float own = texelFetch(u_values, ivec3(ivec2(cell), int(channel)), 0).r;
    if (abs(own) > 1.5) return index_of_special(own);
    if (abs(stored) > 1.001) stored = own;
#endif
#ifdef CELLS
    vec2 edge = abs(fract(cell) - 0.5);
    if (max(edge.x, edge.y) > 0.5 - u_gap) return u_index_from_stored.y;  // that of zero
#endif
    return clamp(stored * u_index_from_stored.x + u_index_from_stored.y, 0.0, ENTRY_ABOVE);
}

#hook mode

void main() {
    out_colour = MODE_NOTHING;
    vec3 world_direction = u_eye.w > 0.0 ? v_position_in_world - u_eye.xyz : u_eye.xyz;
    vec3 scale = u_voxels / u_extent;
    ray_direction = normalize(world_direction);
    vec3 direction = ray_direction * scale;
    // From the eye, or for parallel rays from the back face backwards.
    vec3 origin = ((u_eye.w > 0.0 ? u_eye.xyz : v_position_in_world) - u_corner) * scale;
    vec2 range = box_range(origin, direction, u_part_low, u_part_high);
    if (u_eye.w > 0.0) range.x = max(range.x, 0.0);
    if (range.y <= range.x) return;

    int axis = main_axis(direction);
    float phase = u_jitter > 0.0 ? pixel_noise(gl_FragCoord.xy) : 0.5;
    vec3 enter = origin + direction * range.x;
    vec3 planes = first_plane(enter[axis], direction[axis], range, u_spacing, phase);
    // Too short for a plane: one sample in the middle.
    if (planes.z < 1.0) planes = vec3((range.x + range.y) * 0.5, 0.0, 1.0);

    vec3 texture_from_voxels = vec3(1.0 / u_voxels.xy, 1.0);
    ray_entry = enter * texture_from_voxels - vec3(0.0, 0.0, 0.5);
    // Not on the face between two channels, where rounding would decide which one is seen.
    ray_entry.z = clamp(ray_entry.z, u_part_low.z - 0.5 + INSIDE, u_part_high.z - 0.5 - INSIDE);
    ray_face = entered_face(enter, direction, u_part_low, u_part_high);
    mode_begin((range.y - range.x) / planes.z);
    vec3 place = (origin + direction * planes.x) * texture_from_voxels - vec3(0.0, 0.0, 0.5);
    vec3 stride = direction * planes.y * texture_from_voxels;
    int count = int(planes.z);
    // Ending inside the inner loop would cost more than it saves (measured on llvmpipe: 1.4 x).
    for (int first = 0; first < count && !mode_is_done(); first += CHUNK) {
        int last = min(first + CHUNK, count);
        for (int number = first; number < last; ++number) {
            float index = index_at(place);
#if defined(SPECIALS) || defined(CELLS)
            if (index >= 0.0)
#endif
            mode_sample(index, place);
            place += stride;
        }
    }
    out_colour = mode_end();
}
