// Rays through a box of voxels: where they enter and leave, and where they are sampled.
// Space: voxel coordinates (columns, rows, channels), voxel centres at halves; t in world units.
// CPU twin: tests/reference/raycast.py (box_range, entered_face, main_axis, first_plane).

// The part of a ray inside a box, as (enter, leave); empty when leave < enter.
vec2 box_range(vec3 origin, vec3 direction, vec3 low, vec3 high) {
    vec3 flat_free = mix(direction, vec3(1e-20), equal(direction, vec3(0.0)));
    vec3 to_low = (low - origin) / flat_free;
    vec3 to_high = (high - origin) / flat_free;
    vec3 near = min(to_low, to_high);
    vec3 far = max(to_low, to_high);
    return vec2(max(max(near.x, near.y), near.z), min(min(far.x, far.y), far.z));
}

// The axis across the face of the box on which a ray enters: that whose face is nearest.
int entered_face(vec3 enter, vec3 direction, vec3 low, vec3 high) {
    vec3 past = mix(enter - low, high - enter, lessThan(direction, vec3(0.0)));
    past = abs(past) / max(abs(direction), vec3(1e-20));
    if (past.z <= past.x && past.z <= past.y) return 2;
    return past.x <= past.y ? 0 : 1;
}

// The axis that crosses most voxels for each unit of t: 0, 1 or 2.
int main_axis(vec3 direction) {
    vec3 size = abs(direction);
    if (size.z >= size.x && size.z >= size.y) return 2;
    return size.x >= size.y ? 0 : 1;
}

// Samples lie on planes across the main axis, at (n + phase) * spacing voxels, so that every
// plane of voxels is met exactly once when spacing is 1 and phase is a half.
// Returns (t of the first plane inside, t from plane to plane, number of planes).
vec3 first_plane(float at_enter, float speed, vec2 range, float spacing, float phase) {
    float along = speed < 0.0 ? -at_enter : at_enter;
    float rate = max(abs(speed), 1e-20);
    float shift = speed < 0.0 ? -phase : phase;
    float number = ceil(along / spacing - shift);
    float t = range.x + ((number + shift) * spacing - along) / rate;
    float apart = spacing / rate;
    return vec3(t, apart, floor((range.y - t) / apart) + 1.0);
}
