using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A DAG that cannot be: a cycle, an unknown or duplicate task, a schedule that never fires, a value of the wrong type, a limit
/// exceeded.</summary>
public sealed class DagException : DataPlatformException
{
    /// <summary>Refuses a DAG for one reason.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="message">What is wrong, naming the place and the remedy.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public DagException(string dagId, string message, Exception? innerException = null)
        : base(ErrorKind.Invalid, $"DAG '{dagId}': {message}", innerException)
    {
        DagId = dagId;
        Problems = [new DagProblem(null, message)];
    }

    /// <summary>Refuses a DAG for all that is wrong with it.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="problems">One or more.</param>
    public DagException(string dagId, IReadOnlyList<DagProblem> problems)
        : base(ErrorKind.Invalid, $"DAG '{dagId}': {Text(problems)}")
    {
        DagId = dagId;
        Problems = problems;
    }

    /// <summary>The DAG that was refused.</summary>
    public string DagId { get; }

    /// <summary>Everything that is wrong with it.</summary>
    public IReadOnlyList<DagProblem> Problems { get; }

    private static string Text(IReadOnlyList<DagProblem> problems) => problems.Count == 1
        ? problems[0].Message
        : string.Concat(problems.Select((problem, index) => $"\n  {index + 1}. {problem.Message}"));
}
