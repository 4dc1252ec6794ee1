using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Lists;

/// <summary>The list of DAGs: what the store knows joined with what this process runs, searched and paged.</summary>
internal static class DagCatalog
{
    /// <summary>One page.</summary>
    public static async Task<DagListing> ListAsync(OrchestratorEngine engine, DagFilter filter, CancellationToken cancellationToken)
    {
        var heads = await engine.Store.History.ListHeadsAsync(cancellationToken).ConfigureAwait(false);
        var all = heads.Select(head => (Head: head, Dag: engine.FindDag(head.Id))).ToList();
        var found = all.Where(entry => filter.Matches(entry.Head, entry.Dag)).ToList();
        var page = found.Where(entry => filter.After is null || string.CompareOrdinal(entry.Head.Id, filter.After) > 0).Take(filter.Limit + 1).ToList();
        var next = page.Count > filter.Limit ? page[filter.Limit - 1].Head.Id : null;
        page = [.. page.Take(filter.Limit)];
        var runs = (await engine.Store.History.ListRecentRunsAsync([.. page.Select(entry => entry.Head.Id)], filter.RunsEach, cancellationToken)
            .ConfigureAwait(false)).ToLookup(run => run.DagId);
        return new DagListing(
            [.. page.Select(entry => new DagEntry(entry.Head, entry.Dag, [.. runs[entry.Head.Id]]))],
            next,
            found.Count,
            heads.Count(head => head.IsPaused),
            heads.Count,
            [.. all.SelectMany(entry => entry.Dag?.Tags ?? []).Distinct().Order(StringComparer.Ordinal).Take(100)]);
    }
}

/// <summary>Which DAGs to list.</summary>
internal sealed record DagFilter
{
    public const int LimitMax = 500;

    /// <summary>Only the DAG of this name; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>A part of the name, the description or a tag; null for all.</summary>
    public string? Search { get; init; }

    /// <summary>Only DAGs with this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Only paused ones, or only those that are not.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>The last name of the page before.</summary>
    public string? After { get; init; }

    public int Limit { get; init; } = 50;

    /// <summary>Newest runs with each.</summary>
    public int RunsEach { get; init; } = 20;

    public bool Matches(DagHead head, Dag? dag) =>
        (Id is null || head.Id == Id)
        && (IsPaused is null || head.IsPaused == IsPaused)
        && (string.IsNullOrEmpty(Tag) || dag?.Tags.Contains(Tag) == true)
        && (string.IsNullOrWhiteSpace(Search)
            || Contains(head.Id) || (dag is not null && (Contains(dag.Description) || dag.Tags.Any(Contains))));

    private bool Contains(string text) => text.Contains(Search!.Trim(), StringComparison.OrdinalIgnoreCase);
}

/// <summary>A page of DAGs.</summary>
/// <param name="Entries">The DAGs by name.</param>
/// <param name="Next">The name to go on after; null at the end.</param>
/// <param name="Found">DAGs that match, over all pages.</param>
/// <param name="Paused">Paused DAGs of all.</param>
/// <param name="All">All DAGs.</param>
/// <param name="Tags">Tags to choose from.</param>
internal sealed record DagListing(IReadOnlyList<DagEntry> Entries, string? Next, int Found, int Paused, int All, IReadOnlyList<string> Tags);

/// <summary>A DAG of the list.</summary>
/// <param name="Head">What the store knows.</param>
/// <param name="Dag">What this process runs; null when it does not.</param>
/// <param name="Recent">Its newest runs, newest first.</param>
internal sealed record DagEntry(DagHead Head, Dag? Dag, IReadOnlyList<DagRun> Recent)
{
    /// <summary>When it runs, in words.</summary>
    public string Schedule => Dag is null ? "not registered in this process" : Dag.Datasets is { } datasets ? $"dataset {datasets}" : Dag.Timetable.Summary;

    /// <summary>The next instant its timetable fires.</summary>
    public DateTimeOffset? NextFire(DateTimeOffset now) =>
        Head.IsPaused || Dag is null || Head.ScheduleFault is not null ? null : Schedules.TimetablePlan.NextOrNull(Dag.Timetable, now)?.RunAfter;
}
