using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.Runs;

public sealed class TriggerRulesTests
{
    /// <summary>
    /// Two upstream tasks by their states, one letter each: s success, f failed, k skipped, u upstream_failed, . still going.
    /// Then the decision by rule: R run, S skip, U upstream_failed, - wait.
    /// </summary>
    private const string Matrix =
        """
                                  .. s. f. k. u. ss sf sk su ff fk fu kk ku uu
        AllSuccess                -  -  U  S  U  R  U  S  U  U  U  U  S  U  U
        AllFailed                 -  S  -  S  -  S  S  S  S  R  S  R  S  S  R
        AllDone                   -  -  -  -  -  R  R  R  R  R  R  R  R  R  R
        AllDoneMinOneSuccess      -  -  -  -  -  R  R  R  R  U  U  U  S  U  U
        AllDoneSetupSuccess       -  -  -  -  -  R  R  R  R  R  R  R  R  R  R
        OneSuccess                -  R  -  -  -  R  R  R  R  U  U  U  S  U  U
        OneFailed                 -  -  R  -  R  S  R  S  R  R  R  R  S  R  R
        OneDone                   -  R  R  -  -  R  R  R  R  R  R  R  S  S  S
        NoneFailed                -  -  U  -  U  R  U  R  U  U  U  U  R  U  U
        NoneFailedMinOneSuccess   -  -  U  -  U  R  U  R  U  U  U  U  S  U  U
        NoneSkipped               -  -  -  S  -  R  R  S  R  R  S  R  S  S  R
        AllSkipped                -  S  S  -  S  S  S  S  S  S  S  S  R  S  S
        Always                    R  R  R  R  R  R  R  R  R  R  R  R  R  R  R
        """;

    public static TheoryData<TriggerRule, string, char> Cases()
    {
        var lines = Matrix.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        var cases = new TheoryData<TriggerRule, string, char>();
        foreach (var line in lines.Skip(1))
        {
            for (var i = 0; i < lines[0].Length; i++)
            {
                cases.Add(Enum.Parse<TriggerRule>(line[0]), lines[0][i], line[i + 1][0]);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_rule_decides_by_counters(TriggerRule rule, string upstream, char expected)
    {
        var counts = new UpstreamCounts { Total = upstream.Length };
        foreach (var state in upstream)
        {
            counts.Count(StateOf(state));
        }

        Assert.Equal(expected, TriggerRules.Decide(rule, counts) switch
        {
            TriggerDecision.Run => 'R',
            TriggerDecision.Skip => 'S',
            TriggerDecision.UpstreamFailed => 'U',
            _ => '-',
        });
    }

    [Fact]
    public void The_matrix_names_every_rule() =>
        Assert.Equal(Enum.GetValues<TriggerRule>(), Cases().Select(row => row.Data.Item1).Distinct());

    [Fact]
    public void A_task_without_upstream_always_runs() =>
        Assert.All(Enum.GetValues<TriggerRule>(), rule => Assert.Equal(TriggerDecision.Run, TriggerRules.Decide(rule, default)));

    [Fact]
    public void Counting_and_taking_back_leaves_nothing()
    {
        foreach (var state in Enum.GetValues<TaskState>())
        {
            var counts = new UpstreamCounts { Total = 3, Setups = 1 };
            counts.Count(state, isSetup: true);
            counts.Count(state, isSetup: true, by: -1);

            Assert.Equal(new UpstreamCounts { Total = 3, Setups = 1 }, counts);
        }
    }

    private static TaskState StateOf(char letter) => letter switch
    {
        's' => TaskState.Success,
        'f' => TaskState.Failed,
        'k' => TaskState.Skipped,
        'u' => TaskState.UpstreamFailed,
        _ => TaskState.Running,
    };
}
