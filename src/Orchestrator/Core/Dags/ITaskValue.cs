namespace DataPlatform.Orchestrator.Dags;

/// <summary>A value that a task will give, as another task's definition names it.</summary>
/// <typeparam name="T">What it is. Covariant: a value of <c>List&lt;string&gt;</c> serves where <c>IEnumerable&lt;string&gt;</c> is
/// wanted.</typeparam>
public interface ITaskValue<out T>
{
    /// <summary>The task that gives it, with its groups.</summary>
    string TaskId { get; }

    /// <summary>The value's name.</summary>
    string Key { get; }

    /// <summary>Whether it is the list of what all instances of a mapped task gave.</summary>
    bool IsAll { get; }

    /// <summary>Whether the default of the type is taken where the task gave none.</summary>
    bool IsOptional { get; }
}
