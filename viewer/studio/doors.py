"""The engine as the window uses it: one object, so that tests can put another in its place."""

from engine.errors import InputError


class EngineDoor:
    """The calls into the engine; each import happens in the thread that needs it."""

    def open_network(self, path, **options):
        """`engine.open_network`."""
        from engine.network.network import open_network

        return open_network(path, **options)

    def open_data(self, path, **options):
        """`engine.open_data`."""
        import engine

        return engine.open_data(path, **options)

    def fit_labels(self, data, classes_in_scores):
        """`engine.data.fit_labels`: labels, names, notes."""
        from engine.data import fit_labels

        return fit_labels(data, classes_in_scores)

    def runner(self, path):
        """A child process that holds the network."""
        from engine.run import Runner

        return Runner(path)

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        """All layers' activations and the class scores for one picture."""
        from engine.run import run_sample

        return run_sample(runner, network, preprocessing, picture, layers=layers)

    def extract(self, network, data, study, **options):
        """`engine.extract`."""
        import engine

        return engine.extract(network, data, study, **options)

    def open_study(self, path):
        """`engine.open_study`."""
        import engine

        return engine.open_study(path)

    def with_options(self, guess, options):
        """The guessed preprocessing with a person's options."""
        from engine.network.preprocessing import with_options

        return with_options(guess, **options)

    def candidates(self, guess):
        """Plausible presets, the guess first."""
        from engine.network.preprocessing_guess import candidates

        return candidates(guess)

    def is_written(self, path):
        """Whether somebody holds the lock of a study."""
        from engine.study.lock import StudyLock

        try:
            StudyLock(path).release()
        except InputError:
            return True
        return False
