using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What differs between two versions.</summary>
internal sealed record DiffView(IReadOnlyList<ValueChangeView> Settings, IReadOnlyList<TaskChangeView> Tasks, IReadOnlyList<EdgeChangeView> Edges)
{
    public static DiffView Of(DagDiff diff) => new(
        [.. diff.Settings.Select(ValueChangeView.Of)],
        [.. diff.Tasks.Select(task => new TaskChangeView(task.TaskId, task.Kind, [.. task.Values.Select(ValueChangeView.Of)]))],
        [.. diff.Edges.Select(edge => new EdgeChangeView(edge.Upstream, edge.Downstream, edge.Kind))]);
}

/// <summary>A value before and after; null where there was or is none.</summary>
internal sealed record ValueChangeView(string Name, string? Before, string? After)
{
    public static ValueChangeView Of(DagValueChange change) => new(change.Name, change.Before, change.After);
}

/// <summary>A task that was added, removed or changed.</summary>
internal sealed record TaskChangeView(
    string TaskId, [property: JsonConverter(typeof(JsonStringEnumConverter<DagChangeKind>))] DagChangeKind Kind, IReadOnlyList<ValueChangeView> Values);

/// <summary>A dependency that was added or removed.</summary>
internal sealed record EdgeChangeView(
    string Upstream, string Downstream, [property: JsonConverter(typeof(JsonStringEnumConverter<DagChangeKind>))] DagChangeKind Kind);
