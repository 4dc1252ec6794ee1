namespace DataPlatform.Quality.Anomalies;

/// <summary>Walks a series and decides which points later ones are compared with.</summary>
/// <remarks>
/// A run of violations is judged against the time before it, or its second point would hide behind the first. When the run ends its points
/// join the baseline unless a person called them real: leaving out every odd point unasked would make quiet series alarm too often. A run as
/// long as the window is no incident but a new level, and joins too.
/// </remarks>
internal sealed class SeriesTrack(BaselineOptions options)
{
    private readonly List<MetricPoint> _accepted = [];
    private readonly List<MetricPoint> _violations = [];

    public AnomalyVerdict Judge(MetricPoint point)
    {
        var verdict = AnomalyDetector.JudgeOne(_accepted, point, options);
        switch (verdict.State)
        {
            case AnomalyState.Excluded:
                return verdict;
            case AnomalyState.Violation:
                return verdict with { Violations = Violation(point) };
            default:
                Join();
                _accepted.Add(point);
                return verdict;
        }
    }

    /// <returns>Violations in a row, this one included.</returns>
    private int Violation(MetricPoint point)
    {
        if (point.Feedback == PointFeedback.FalsePositive)
        {
            Join();
            _accepted.Add(point);
            return 1;
        }

        _violations.Add(point);
        var inRow = _violations.Count;
        if (inRow >= options.Window && inRow >= options.Consecutive)
        {
            Join();
        }

        return inRow;
    }

    private void Join()
    {
        _accepted.AddRange(_violations);
        _violations.Clear();
    }
}
