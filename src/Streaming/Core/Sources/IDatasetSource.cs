using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Sources;

/// <summary>A source that knows what it reads by name, so that the lineage of what a job writes can say so.</summary>
public interface IDatasetSource
{
    /// <summary>What is read: a topic, a table, a file. Null where it was given no name.</summary>
    DatasetId? Dataset { get; }
}
