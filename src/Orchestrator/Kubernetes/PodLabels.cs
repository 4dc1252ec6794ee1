using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>How a try's pod is named and found. The name follows from the try, so a try has at most one pod, whoever asks for it.</summary>
internal static class PodLabels
{
    public const string Manager = "dataplatform-orchestrator";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Owner = "dataplatform.io/owner";
    public const string Run = "dataplatform.io/run";
    public const string Task = "dataplatform.io/task";
    public const string MapIndex = "dataplatform.io/map-index";
    public const string Try = "dataplatform.io/try";
    public const string Epoch = "dataplatform.io/epoch";

    private const int ValueLengthMax = 63;

    public static string Selector(string owner) => $"{ManagedBy}={Manager},{Owner}={owner}";

    public static string NameOf(string owner, TaskInvocation invocation)
    {
        var context = invocation.Context;
        var map = context.MapIndex < 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"-m{context.MapIndex}");
        return string.Create(CultureInfo.InvariantCulture, $"dp-{owner}-{context.RunId}-{invocation.Task.Number}{map}-e{context.Epoch}");
    }

    public static Dictionary<string, string> Of(string owner, TaskContext context) => new()
    {
        [ManagedBy] = Manager,
        [Owner] = owner,
        [Run] = context.RunId.ToString(CultureInfo.InvariantCulture),
        [Task] = Value(context.TaskId),
        [MapIndex] = context.MapIndex < 0 ? "none" : context.MapIndex.ToString(CultureInfo.InvariantCulture),
        [Try] = context.Try.ToString(CultureInfo.InvariantCulture),
        [Epoch] = context.Epoch.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A task id as a label; one that is no label is cut and gets a hash. The whole id stands in an annotation.</summary>
    private static string Value(string id)
    {
        if (id.Length <= ValueLengthMax && char.IsAsciiLetterOrDigit(id[0]) && char.IsAsciiLetterOrDigit(id[^1]))
        {
            return id;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..12];
        return $"x{id[..Math.Min(id.Length, ValueLengthMax - 14)]}-{hash}";
    }
}
