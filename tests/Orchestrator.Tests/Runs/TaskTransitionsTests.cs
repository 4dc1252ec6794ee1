using CsCheck;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.Runs;

public sealed class TaskTransitionsTests
{
    private static readonly TaskState[] All = Enum.GetValues<TaskState>();

    [Fact]
    public void No_state_leads_to_itself() => Assert.All(All, state => Assert.False(TaskTransitions.IsAllowed(state, state)));

    [Fact]
    public void A_task_that_has_ended_goes_on_only_by_being_cleared_or_corrected() => Assert.All(
        All.Where(state => state.IsFinal()),
        from => Assert.All(
            All.Where(to => TaskTransitions.IsAllowed(from, to)),
            to => Assert.Contains(to, new[] { TaskState.None, TaskState.Removed, TaskState.Success, TaskState.Failed,
                TaskState.Skipped })));

    [Fact]
    public void Every_live_state_can_be_cancelled_and_every_state_is_reached_from_none()
    {
        Assert.All(All.Where(state => !state.IsFinal()), state => Assert.True(TaskTransitions.IsAllowed(state, TaskState.Cancelled)));

        HashSet<TaskState> reached = [TaskState.None];
        while (All.Where(to => !reached.Contains(to) && reached.Any(from => TaskTransitions.IsAllowed(from, to)))
            .ToList() is { Count: > 0 } more)
        {
            reached.UnionWith(more);
        }

        Assert.Equal(All, reached.Order());
    }

    [Fact]
    public void Slots_are_taken_only_by_a_ready_task() => Assert.All(
        All.Where(from => !from.HoldsSlots() && from != TaskState.Ready),
        from => Assert.All(All.Where(to => to.HoldsSlots()), to => Assert.False(TaskTransitions.IsAllowed(from, to))));

    [Fact]
    public void Any_walk_through_the_table_runs_a_body_only_between_ready_and_an_end() =>
        Gen.Int[0, All.Length - 1].List[1, 60].Sample(choices =>
        {
            var state = TaskState.None;
            var starts = 0;
            var ends = 0;
            foreach (var choice in choices)
            {
                var targets = All.Where(to => TaskTransitions.IsAllowed(state, to)).ToArray();
                var next = targets[choice % targets.Length];
                starts += !state.HoldsSlots() && next.HoldsSlots() ? 1 : 0;
                ends += state.HoldsSlots() && !next.HoldsSlots() ? 1 : 0;
                state = next;
            }

            return starts - ends == (state.HoldsSlots() ? 1 : 0);
        });
}
