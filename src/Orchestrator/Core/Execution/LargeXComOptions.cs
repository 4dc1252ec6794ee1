using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Settings of <see cref="LargeXComs"/>.</summary>
public sealed class LargeXComOptions
{
    /// <summary>What the paths of the objects begin with; <c>xcom/</c> by default.</summary>
    public string Prefix { get; set; } = "xcom/";

    /// <summary>Values of up to so many bytes stay in the metadata store; <see cref="DagLimits.XComBytesMax"/> by default and at
    /// most.</summary>
    public int InlineBytesMax { get; set; } = DagLimits.XComBytesMax;

    /// <summary>The largest value; 64 MiB by default. A task that returns a larger one fails.</summary>
    public int BytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes of values that were read lately and are kept in memory, so that the instances of a mapped task read their list once;
    /// 64 MiB by default.</summary>
    public int CacheBytes { get; set; } = 64 * 1024 * 1024;
}
