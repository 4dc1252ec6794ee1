using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Lineage;

/// <summary>What a person says about two columns. It is stronger than what jobs show.</summary>
/// <param name="Source">The column read.</param>
/// <param name="Target">The column written.</param>
/// <param name="Kind">Whether the target depends on the source.</param>
/// <param name="By">Who says so.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why; empty where nobody said.</param>
public sealed record LineageAnnotation(
    ColumnId Source, ColumnId Target, LineageAnnotationKind Kind, string By, DateTimeOffset At, string Reason = "");

/// <summary>What a <see cref="LineageAnnotation"/> says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LineageAnnotationKind>))]
public enum LineageAnnotationKind
{
    /// <summary>The source's value can change the target's.</summary>
    Direct,

    /// <summary>The source decides which rows are written.</summary>
    Indirect,

    /// <summary>The target does not depend on the source, whatever is shown.</summary>
    Denied,

    /// <summary>What was said before is taken back: jobs are believed again.</summary>
    Withdrawn,
}
