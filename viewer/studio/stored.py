"""Stored values of a point under the pointer, read in the study's thread: the last one asked for.

What views draw comes from codes, which lie at most a step beside what is stored; a person who looks
at one point is told the stored values as soon as they are read.
"""

from viewer.studio.embedding import Origin, origin_of


class StoredValues:
    """Answers what is stored of a point; points asked for meanwhile are forgotten but the last.

    Parameters
    ----------
    studio : Studio
    reader : StudyReader
    """

    def __init__(self, studio, reader):
        self._studio = studio
        self._reader = reader
        self._wanted = None
        self._reads = False

    def ask(self, points, point, on_answer):
        """Have ``on_answer(float32[C])`` called in the main thread, unless another is asked for.

        Never where the study cannot be read (any more): what is told then comes from codes.
        """
        self._wanted = (points, point, on_answer)
        if not self._reads:
            self._next()

    def _next(self):
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        points, point, on_answer = wanted
        origin = origin_of(self._studio.facts, points.columns.layer)
        if not isinstance(origin, Origin):
            return
        engine = self._studio.engine

        def read():
            with engine.open_study(origin.path) as study:
                return points.stored(study, [point])[0]

        self._reads = True
        self._reader.soon(read, lambda values: self._came(on_answer, values), self._failed)

    def _came(self, on_answer, values):
        self._reads = False
        if self._wanted is None:
            on_answer(values)
        self._next()

    def _failed(self, error):
        """The study has gone or is damaged: reading it is told elsewhere, codes are still true."""
        self._reads = False
        self._next()
