// Mode: isosurface. A volume is one bilinear map a channel, as thick as the channel is, and
// nothing between channels is mixed; its surface therefore has two kinds of parts:
//   walls   inside a channel, where the map crosses the level: the normal is the map's gradient
//   faces   between a channel below and one above the level, or where the box (a clip plane) cuts
//           through what lies above it: the normal is that of the plane
// The level is a distance from zero, so signed volumes have surfaces on both sides of zero. The
// first sample at or above it is refined: where the channel changes on the way from the sample
// before, the map before and the map behind the change are asked whether it is a face; a wall is
// found by halving the way inside its channel. The colour is that of the value at the hit. Values
// that are not finite are solid, in their own colours.
// Cost: one read more a ray; fourteen more for a ray that hits.
// CPU twin: tests/reference/raycast.py (isosurface).

#include "lib/lighting.glsl"

uniform bool u_signed;
uniform float u_iso;               // distance from zero, 0 to 1 of the range
uniform bool u_lighting;
const vec4 MODE_NOTHING = vec4(0.0);
const int HALVINGS = 7;

vec3 outside;
vec3 inside;
bool is_hit;

// How far a value is from zero; what is not finite is farther than any level.
float height_of(float index) {
    if (index < 0.0) return -1.0;
    return index > ENTRY_ABOVE + 0.5 ? 2.0 : strength_from_index(index, u_signed);
}

float height_at(vec3 place) { return height_of(index_at(place)); }

void mode_begin(float length_in_world) {
    outside = ray_entry;
    inside = ray_entry;
    is_hit = height_at(ray_entry) >= u_iso;
}

void mode_sample(float index, vec3 place) {
    if (is_hit) return;
    outside = inside;
    inside = place;
    is_hit = height_of(index) >= u_iso;
}

bool mode_is_done() { return is_hit; }

float channel_at(vec3 place) { return floor(place.z + 0.5); }

// Narrows the way between the last two samples to one channel; whether the hit is a face.
bool is_face() {
    float before = channel_at(outside);
    float after = channel_at(inside);
    vec2 crossing = outside.xy;
    if (before != after) {
        float edge = after + (after > before ? -0.5 : 0.5);
        crossing = mix(outside.xy, inside.xy, (edge - outside.z) / (inside.z - outside.z));
    }
    bool already = before != after && height_at(vec3(crossing, before)) >= u_iso;
    bool at_once = before != after && !already && height_at(vec3(crossing, after)) >= u_iso;
    float channel = already ? before : after;
    inside = vec3(already || at_once ? crossing : inside.xy, channel);
    outside = vec3(already ? outside.xy : crossing, channel);
    return at_once;
}

vec3 normal_of_wall() {
    vec3 half_a_voxel = vec3(0.5 / u_voxels.xy, 0.0);
    vec2 gradient = vec2(
        height_at(inside + half_a_voxel.xzz) - height_at(inside - half_a_voxel.xzz),
        height_at(inside + half_a_voxel.zyz) - height_at(inside - half_a_voxel.zyz));
    vec2 steep = gradient * u_voxels.xy / u_extent.xy;
    return dot(steep, steep) > 0.0 ? vec3(normalize(steep), 0.0) : -ray_direction;
}

vec4 mode_end() {
    vec4 colour = vec4(0.0);
    // A loop that most groups of pixels leave at once, because software OpenGL follows both sides
    // of a branch.
    for (int once = 0; once < 1 && is_hit; ++once) {
        bool is_cut = inside == ray_entry;
        bool is_flat = is_face() || is_cut;
        for (int step = 0; step < HALVINGS && !is_flat; ++step) {
            vec3 middle = (outside + inside) * 0.5;
            if (height_at(middle) >= u_iso) inside = middle;
            else outside = middle;
        }
        float index = index_at(inside);
        vec3 own = table_entry(u_colours, u_row, index).rgb;
        vec3 normal = is_cut ? vec3(ray_face == 0, ray_face == 1, ray_face == 2)
            : is_flat ? vec3(0.0, 0.0, 1.0) : normal_of_wall();
        bool is_lit = u_lighting && index < ENTRY_ABOVE + 0.5;
        colour = vec4(is_lit ? lit(own, min(abs(dot(normal, ray_direction)), 1.0)) : own, 1.0);
    }
    return colour;
}
