#version 330 core
// Text and plain surfaces over a view.
// Inputs: a_place pixels from the upper left corner; a_atlas 0..1; a_colour RGBA 0..1, not
// premultiplied. Cost: nothing. CPU twin: viewer/visuals/overlay.py.

layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_atlas;
layout(location = 2) in vec4 a_colour;
uniform vec2 u_view;        // pixels
out vec2 v_atlas;
out vec4 v_colour;

void main() {
    v_atlas = a_atlas;
    v_colour = a_colour;
    vec2 clip = a_place / u_view * 2.0 - 1.0;
    gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}
