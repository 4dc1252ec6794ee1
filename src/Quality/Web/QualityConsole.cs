using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Trials;

namespace DataPlatform.Quality.Web;

/// <summary>What the pages look into. Only the catalog is needed; a page, tab or button whose part is missing is not there.</summary>
public sealed record QualityConsole
{
    /// <summary>Tables, rules and runs.</summary>
    public required IQualityCatalog Catalog { get; init; }

    /// <summary>Series of measured values, for history bands and feedback.</summary>
    public ISeriesStore? Series { get; init; }

    /// <summary>Suites that can be edited.</summary>
    public ISuiteStore? Suites { get; init; }

    /// <summary>What people did. Without it nothing can be changed on the pages.</summary>
    public IAuditLog? Audit { get; init; }

    /// <summary>Tries suites on samples and suggests rules.</summary>
    public ISuiteWorkbench? Workbench { get; init; }

    /// <summary>Changes alerts by hand.</summary>
    public AlertDesk? Desk { get; init; }

    /// <summary>Reads alerts.</summary>
    public IAlertStore? Alerts { get; init; }

    /// <summary>Reads incidents; without it each open alert stands for itself.</summary>
    public IIncidentStore? Incidents { get; init; }

    /// <summary>What depends on what.</summary>
    public LineageGraph? Lineage { get; init; }

    /// <summary>Keeps what people say about lineage, and takes in what others keep before a page shows it; without it that lives as long as <see cref="Lineage"/>.</summary>
    public LineageKeeper? LineageKeeper { get; init; }

    /// <summary>Profiles of tables and partitions.</summary>
    public IProfileStore? Profiles { get; init; }

    /// <summary>The notations suites may be written in; the first is that of new suites. JSON unless said otherwise.</summary>
    public IReadOnlyList<ISuiteNotation> Notations { get; init; } = [JsonNotation.Instance];

    /// <summary>A table that was not looked at for so long is stale; 48 h unless said otherwise.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromHours(48);

    /// <summary>How often the pages look whether something changed, while somebody looks at them; 2 s unless said otherwise, at least 0.1 s.</summary>
    public TimeSpan LookEvery
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "At least 0.1 s.");
    } = TimeSpan.FromSeconds(2);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The graph with what other processes have kept by now.</summary>
    internal async ValueTask<LineageGraph?> CurrentLineageAsync(CancellationToken cancellationToken)
    {
        if (LineageKeeper is { } keeper)
        {
            await keeper.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        return Lineage;
    }
}
