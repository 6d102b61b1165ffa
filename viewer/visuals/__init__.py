"""What is drawn, through `viewer.gl`: volumes, frames, pictures, text; no Qt."""
