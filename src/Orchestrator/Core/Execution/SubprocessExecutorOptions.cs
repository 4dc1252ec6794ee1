namespace DataPlatform.Orchestrator.Execution;

/// <summary>Settings of a <see cref="SubprocessExecutor"/>. Read once, at construction.</summary>
public sealed class SubprocessExecutorOptions
{
    /// <summary>The folder programs start in; null for this process's.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>The exit code that means "skipped"; 99 by default, as in Airflow.</summary>
    public int SkipExitCode { get; set; } = 99;

    /// <summary>Lines of output kept for the note of a failed try; 20 by default.</summary>
    public int NoteLinesMax { get; set; } = 20;
}
