#version 330 core
// A disc with a smooth edge, premultiplied. u_diameter pixels, u_opacity 0 to 1.
// Cost: one root a pixel. CPU twin: tests/reference/density.py (disc).

flat in vec3 v_colour;
uniform float u_diameter;
uniform float u_opacity;
out vec4 out_colour;

void main() {
    float away = length(gl_PointCoord - 0.5) * (u_diameter + 1.0);
    float opacity = u_opacity * clamp(0.5 * u_diameter + 0.5 - away, 0.0, 1.0);
    if (opacity <= 0.0) discard;
    out_colour = vec4(v_colour * opacity, opacity);
}
