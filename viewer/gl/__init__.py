"""A thin layer over OpenGL 3.3 core: contexts, shaders, buffers, textures, cameras; no Qt.

A host (the window, a test, a movie) makes a `viewer.gl.context.Context` while its OpenGL context
is current and hands it to whatever draws. All objects belong to that context, are counted, and
are deleted together when it ends; what draws keeps its own data and makes its objects again.
"""
