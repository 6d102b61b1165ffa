"""What exists now, as the views see it: one frozen value, replaced whenever something arrives."""

from dataclasses import dataclass, field, replace

EMPTY, OPENING, READY, FAILED = "empty", "opening", "ready", "failed"


@dataclass(frozen=True, eq=False)
class ExtractionFacts:
    """How far the study of this network and data is.

    Attributes
    ----------
    phase : str
        ``'none'``, ``'unconfirmed'`` (waits for a word on the preprocessing), ``'running'``,
        ``'done'``, ``'stopped'``, ``'failed'`` or ``'opened'`` (a study that was there).
    failure : str or None
    report : engine Report or None
        What the extraction said at its end.
    """

    phase: str = "none"
    failure: str | None = None
    report: object = None


@dataclass(frozen=True)
class LayerNumbers:
    """What the study says about one layer, over all its samples and positions so far.

    Attributes
    ----------
    channels : int
    constant : int
        Channels whose values are all the same, a rectifier's that is always zero among them.
    silent : int
        Channels that are constant or never above zero.
    mean, lowest, largest : float
        Of the finite values.
    """

    channels: int
    constant: int
    silent: int
    mean: float
    lowest: float
    largest: float


@dataclass(frozen=True, eq=False)
class StudySummary:
    """What the study says about all samples so far.

    Attributes
    ----------
    predicted : int32[N]
        The predicted class of each sample; -1 where not yet known.
    ranges : dict of str to (float, float)
        Lowest and highest value of each layer.
    samples : int
        How many samples are in it.
    kept : dict of str to str
        What was kept of each layer, in words: ``'all 1,024 positions'``.
    whole : frozenset of str
        Layers of which every value was kept.
    layers : dict of str to LayerNumbers
        Of layers that have finite values.
    histograms : dict of str to (int64[256], float, float)
        Of each layer's values, its channels summed: counts in equal bins, and their range.
    confidence : float32[N] or None
        The probability of each sample's predicted class; NaN where not yet known.
    class_means : float32[K, K] or None
        Mean probabilities (columns) of the samples of each label (rows), those without samples NaN.
    """

    predicted: object = None
    ranges: dict = field(default_factory=dict)
    samples: int = 0
    kept: dict = field(default_factory=dict)
    whole: frozenset = frozenset()
    layers: dict = field(default_factory=dict)
    histograms: dict = field(default_factory=dict)
    confidence: object = None
    class_means: object = None


@dataclass(frozen=True, eq=False)
class PresetTrial:
    """One plausible preset, tried on the first samples.

    Attributes
    ----------
    preprocessing : Preprocessing
    scores : tuple of (float32[K] or None)
        Class scores of the samples tried so far.
    right, counted : int
        Predictions that agree with the label, and samples that have one.
    failure : str or None
    """

    preprocessing: object
    scores: tuple = ()
    right: int = 0
    counted: int = 0
    failure: str | None = None


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything that views may show.

    Attributes
    ----------
    phase : str
        ``'empty'``, ``'opening'``, ``'ready'`` or ``'failed'``.
    failure : str or None
        Why opening failed, one sentence.
    stored : callable(points, point, on_answer) or None
        Asks for the stored values of a point: float32[C], in the main thread.
    network : engine Network or None
    data : engine DataSet or None
    labels : int32[N] or None
        Fitted to the scores; -1 where unknown.
    class_names : tuple of str or None
    notes : tuple of str
        Told by the engine at opening.
    guess, preprocessing : Preprocessing or None
        As guessed, and as in force.
    confirmed : bool
        Whether the preprocessing is certain or the person said it is right.
    recording : Recording or None
        Where samples come from when the network is not at hand.
    saved_study : Path or None
        The study that was opened by itself.
    study_path : Path or None
    extraction : ExtractionFacts
    summary : StudySummary
    in_full : dict of str to Path
        Studies that keep one layer in full.
    answer : Answer or None
        The last sample that was run.
    trials : tuple of PresetTrial
    means : MeanMaps or None
        Mean maps over the selection, while the feature maps view shows them.
    points : dict of str to engine Points
        Embedding points of the layers that the state needs.
    points_words : str
        Why points of the active layer are not there (yet); empty when they are.
    selected : Selected or None
        What the selection comes to, in samples and in points; None: nothing is selected.
    selections : dict of str to steps
        Named selections that the study had when it was opened.
    pairs : dict of (str, str, str) to PairTable
        Statistics of pairs of channels, by the keys of the rows' and the columns' points (empty:
        the same) and the statistic's name.
    orders : dict of str to NamedOrder
        Named orders that the study had when it was opened.
    channel_orders : dict of tuple to Found
        Orders of channels, by the key of the question.
    compared_orders : dict of tuple to Found
        Orders that are compared with each other, by the key of the question.
    measured : dict of tuple to Found
        Importance of filters and what happens without them, by the key of the question.
    explanations : dict of tuple to Found
        What attributions and projections of filters were found, by the key of the question.
    """

    phase: str = EMPTY
    failure: str | None = None
    stored: object = None
    network: object = None
    data: object = None
    labels: object = None
    class_names: tuple | None = None
    notes: tuple = ()
    guess: object = None
    preprocessing: object = None
    confirmed: bool = False
    recording: object = None
    saved_study: object = None
    study_path: object = None
    extraction: ExtractionFacts = field(default_factory=ExtractionFacts)
    summary: StudySummary = field(default_factory=StudySummary)
    in_full: dict = field(default_factory=dict)
    answer: object = None
    trials: tuple = ()
    means: object = None
    points: dict = field(default_factory=dict)
    points_words: str = ""
    selected: object = None
    explanations: dict = field(default_factory=dict)
    channel_orders: dict = field(default_factory=dict)
    compared_orders: dict = field(default_factory=dict)
    measured: dict = field(default_factory=dict)
    selections: dict = field(default_factory=dict)
    pairs: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)

    def but(self, **changes):
        """The same with some fields changed."""
        return replace(self, **changes)

    @property
    def lack(self):
        """Why no sample can be shown, as a view says it; None where one can.

        Empty while files are being opened, and where the window says what went wrong.
        """
        if self.phase == EMPTY:
            return "Drop a network here, or open one."
        if self.phase != READY:
            return ""
        return "No pictures yet.\nDrop a folder of pictures here." if self.data is None else None

    @property
    def sample_count(self):
        """Number of samples; 0 without data."""
        return 0 if self.data is None else len(self.data)

    def is_late(self, state):
        """Whether the state looks at a sample that is still being opened or run."""
        if self.phase != READY or self.data is None:
            return self.phase == OPENING
        wanted = min(state.focus.sample, max(0, self.sample_count - 1))
        return self.answer is None or self.answer.question.sample != wanted
