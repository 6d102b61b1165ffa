// Mode: slabs. Every layer is a solid block whose faces show the values at its surface: the map
// of the first (or last) channel in front, rows and columns through all channels on the sides.
// Clip planes cut it open: that of the channels leafs through the maps. Cost: one read a ray.
// CPU twin: tests/reference/raycast.py (slabs).

const vec4 MODE_NOTHING = vec4(0.0);

vec4 face;

void mode_begin(float length_in_world) {
    face = vec4(table_entry(u_colours, u_row, index_at(ray_entry)).rgb, 1.0);
}

void mode_sample(float index, vec3 place) {}

bool mode_is_done() { return true; }

vec4 mode_end() { return face; }
