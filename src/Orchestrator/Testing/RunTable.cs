using System.Globalization;
using System.Text;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>A run and the states of its tasks, to be read and compared.</summary>
public sealed class RunTable
{
    private readonly Dictionary<string, string> _states;

    internal RunTable(DagRun run, IReadOnlyList<TaskInstance> tasks)
    {
        Run = run;
        Tasks = tasks;
        _states = tasks.GroupBy(task => task.TaskId, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Summary([.. group]), StringComparer.Ordinal);
    }

    /// <summary>The run.</summary>
    public DagRun Run { get; }

    /// <summary>Its task instances that are no longer waiting for their upstream, by task number and map index.</summary>
    public IReadOnlyList<TaskInstance> Tasks { get; }

    /// <summary>Compares the states of tasks.</summary>
    /// <param name="states">Pairs such as <c>gate=Success mart=Skipped each=Success*3</c>; a mapped task has a count by state. A task that waits
    /// for its upstream is <c>None</c>. Tasks that are not named may have any state.</param>
    /// <exception cref="OrchestratorTestException">A state is another; the message has the whole table.</exception>
    public RunTable Expect(string states)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(states);
        foreach (var pair in states.Split([' ', ',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            var (task, expected) = pair.Split('=', 2) is [var left, var right]
                ? (left, right)
                : throw new ArgumentException($"'{pair}' is no pair of a task and a state such as 'gate=Success'.", nameof(states));
            var actual = _states.GetValueOrDefault(task, nameof(TaskState.None));
            if (actual != expected)
            {
                throw new OrchestratorTestException($"task '{task}' should be {expected} and is {actual}.\n{this}");
            }
        }

        return this;
    }

    /// <summary>Compares the state of the run.</summary>
    /// <param name="state">What it should be.</param>
    /// <exception cref="OrchestratorTestException">It is another; the message has the whole table.</exception>
    public RunTable Expect(DagRunState state) => Run.State == state
        ? this
        : throw new OrchestratorTestException($"run {Run.Id} should be {state} and is {Run.State}.\n{this}");

    /// <summary>The run and a line for each task instance.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"run {Run.Id} of {Run.DagId} ({Run.LogicalDate:u}): {Run.State} {Run.Note}"));
        foreach (var task in Tasks)
        {
            var index = task.Key.MapIndex < 0 ? string.Empty : $"[{task.Key.MapIndex}]";
            text.Append(CultureInfo.InvariantCulture, $"\n  {task.TaskId + index,-24} {task.State,-15} try {task.Try}  ");
            text.Append(CultureInfo.InvariantCulture, $"{task.StartedAt:u} {(task.EndedAt - task.StartedAt)?.TotalSeconds:0.###} s  {task.Note}");
        }

        return text.ToString();
    }

    private static string Summary(IReadOnlyList<TaskInstance> instances) => instances is [{ Key.MapIndex: < 0, State: var state }]
        ? state.ToString()
        : string.Join('+', instances.GroupBy(task => task.State).OrderBy(group => group.Key).Select(group => $"{group.Key}*{group.Count()}"));
}
