namespace DataPlatform.Quality.Lineage;

/// <summary>Something that was found wrong with a column.</summary>
/// <param name="Column">The column; <c>*</c> for its whole dataset.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="At">When it was found.</param>
/// <param name="What">What it is, in words.</param>
public sealed record LineageSymptom(ColumnId Column, Severity Severity, DateTimeOffset At, string What);

/// <summary>A candidate for the cause of a symptom.</summary>
/// <param name="Symptom">What is wrong there.</param>
/// <param name="Score">Higher is likelier; only comparable within one ranking.</param>
/// <param name="Distance">Edges upstream of the symptom asked about; 0 for the symptom itself.</param>
/// <param name="IsDirect">Whether values, and not only the choice of rows, flow from it.</param>
/// <param name="Explains">How many of the other symptoms lie downstream of it.</param>
public sealed record RootCauseCandidate(LineageSymptom Symptom, double Score, int Distance, bool IsDirect, int Explains);

/// <summary>Ranks what may have caused a symptom: the most upstream trouble that explains the most of the others.</summary>
public static class RootCause
{
    // Values carry trouble more surely than filters do; each edge on the way leaves room for another explanation.
    private const double IndirectWeight = 0.5;
    private const double DistanceDecay = 0.9;
    private const double LateWeight = 0.25;

    /// <summary>Ranks the symptoms upstream of one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="symptom">The one to explain.</param>
    /// <param name="others">Everything else found wrong lately.</param>
    /// <returns>Candidates, likeliest first; the symptom itself is among them, and first when nothing upstream is wrong.</returns>
    public static IReadOnlyList<RootCauseCandidate> Rank(LineageIndex graph, LineageSymptom symptom, IEnumerable<LineageSymptom> others)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(symptom);
        ArgumentNullException.ThrowIfNull(others);
        List<LineageSymptom> all = [symptom, .. others.Where(o => o != symptom).Distinct()];
        var targets = new SearchTargets(graph, [.. all.Select(s => s.Column)]);
        List<RootCauseCandidate> candidates = [Candidate(targets, symptom, all, new ReachedTarget(0, 0, true))];
        foreach (var reached in targets.From(symptom.Column, upstream: true))
        {
            candidates.Add(Candidate(targets, symptom, all, reached));
        }

        return [.. candidates.OrderByDescending(c => c.Score).ThenByDescending(c => c.Distance)];
    }

    private static RootCauseCandidate Candidate(SearchTargets targets, LineageSymptom asked, List<LineageSymptom> all, ReachedTarget reached)
    {
        var candidate = all[reached.Target];
        var explains = targets.From(candidate.Column, upstream: false).Count;
        var severity = 1 + (int)candidate.Severity;

        // A cause comes before its effect; what was found later may still be one, since nobody looks everywhere at once.
        var time = candidate.At <= asked.At ? 1 : LateWeight;
        var weight = severity * time * (reached.IsDirect ? 1 : IndirectWeight);
        var score = weight * Math.Pow(DistanceDecay, reached.Distance) * (1 + explains);
        return new RootCauseCandidate(candidate, score, reached.Distance, reached.IsDirect, explains);
    }
}
