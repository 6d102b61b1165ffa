// Reading the table of a transfer function; its layout is that of viewer/visuals/transfer.py.
// CPU twin: tests/reference/raycast.py (table_entry, place_from_index, strength_from_index).

const float STEPS = 1024.0;
const float ENTRY_ABOVE = STEPS + 1.0;
const float ENTRY_NAN = STEPS + 2.0;
const float ENTRY_INFINITE = STEPS + 3.0;
const float ENTRY_NEGATIVE_INFINITE = STEPS + 4.0;

// Colour and relative density at a real-numbered index.
vec4 table_entry(sampler2D colours, int row, float index) {
    return texelFetch(colours, ivec2(int(index), row), 0);
}

// One value as the colour of a pixel, premultiplied: solid, or as dense as the table says.
vec4 result_colour(sampler2D colours, int row, float index, bool by_density) {
    vec4 entry = table_entry(colours, row, index);
    return by_density ? vec4(entry.rgb * entry.a, entry.a) : vec4(entry.rgb, 1.0);
}

// Place 0 to 1 along the colour map of an index, and back.
float place_from_index(float index) { return (index - 2.0) / (STEPS - 2.0); }
float index_from_place(float place) { return place * (STEPS - 2.0) + 2.0; }

// Distance from zero of a finite value, 0 to 1 of the range; what is clipped counts as OUTSIDE.
const float OUTSIDE = 1.25;
float strength_from_index(float index, bool is_signed) {
    if (index >= ENTRY_ABOVE || (is_signed && index < 1.0)) return OUTSIDE;
    float place = place_from_index(index);
    return clamp(is_signed ? abs(2.0 * place - 1.0) : place, 0.0, 1.0);
}

// The index of a number that stands for something not finite (viewer/visuals/slab.py), or a
// negative one for a cell that is absent.
float index_of_special(float stored) {
    if (stored > 24000.0) return ENTRY_INFINITE;
    if (stored > 0.0) return ENTRY_NAN;
    if (stored < -24000.0) return ENTRY_NEGATIVE_INFINITE;
    return -1.0;
}
