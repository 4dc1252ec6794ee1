using System.Globalization;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Lists;

/// <summary>A page of runs as the filter above it asks.</summary>
internal static class RunListing
{
    public static RunQuery QueryOf(string? dagId, string? state, string? day, long? before, int limit)
    {
        DateTimeOffset? from = DateTimeOffset.TryParseExact(
            day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var start) ? start : null;
        return new RunQuery
        {
            DagId = string.IsNullOrEmpty(dagId) ? null : dagId,
            State = Enum.TryParse<DagRunState>(state, ignoreCase: true, out var known) ? known : null,
            LogicalFrom = from,
            LogicalTo = from?.AddTicks(TimeSpan.TicksPerDay - 1),
            BeforeId = before,
            Limit = limit,
        };
    }

    /// <summary>The parameters that the pages with a list of runs share.</summary>
    public static async Task<Dictionary<string, object?>> ParametersAsync(
        OrchestratorEngine engine, RunQuery query, string? day, CancellationToken cancellationToken)
    {
        var runs = await engine.Store.ListRunsAsync(query, cancellationToken).ConfigureAwait(false);
        return new Dictionary<string, object?>
        {
            ["Runs"] = runs,
            ["State"] = query.State,
            ["Day"] = day,
            ["Before"] = query.BeforeId,
            ["Next"] = runs.Count == query.Limit ? runs[^1].Id : (long?)null,
        };
    }
}
