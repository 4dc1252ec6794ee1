using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Lineage;

/// <summary>One column that depends on another.</summary>
/// <param name="Source">The column read.</param>
/// <param name="Target">The column written.</param>
/// <param name="Kind">How it depends.</param>
/// <param name="Origin">Who says so.</param>
/// <param name="Job">The job that does it; empty for manual edges.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Statement">Which of the job's statements, by a hash of its text, or of what it writes where no text is known; empty for all of them.</param>
public sealed record LineageEdge(
    ColumnId Source, ColumnId Target, LineageEdgeKind Kind, LineageOrigin Origin, string Job, double Confidence = 1, string Statement = "");

/// <summary>How a column depends on another.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LineageEdgeKind>))]
public enum LineageEdgeKind
{
    /// <summary>The source's value can change the target's value.</summary>
    Direct,

    /// <summary>The source decides which rows are written, as a filter or a join does.</summary>
    Indirect,
}

/// <summary>Who says that an edge is there.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LineageOrigin>))]
public enum LineageOrigin
{
    /// <summary>Read off a SQL text.</summary>
    Sql,

    /// <summary>Reported by an engine as it ran.</summary>
    Runtime,

    /// <summary>Received as an OpenLineage event.</summary>
    OpenLineage,

    /// <summary>Said by a person; stronger than all others.</summary>
    Manual,
}
