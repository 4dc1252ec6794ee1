namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a place in an SQL text is.</summary>
internal enum SqlPlace
{
    /// <summary>Where a value may stand.</summary>
    Code,

    /// <summary>Inside quotes of any kind.</summary>
    Quoted,

    /// <summary>Inside a comment.</summary>
    Comment,
}
