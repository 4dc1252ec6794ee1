namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>Every case of a kind, through the product's own policies. Prints <c>kind: N passed, N failed</c> and names each
/// failure.</summary>
public sealed class ConformanceTests
{
    private static readonly Lazy<IReadOnlyList<SchedulerCase>> Cases = new(CaseFile.Read);

    [Fact]
    public void Fair_share() => Run("fair_share", FairShareCases.Run);

    [Fact]
    public void Drf() => Run("drf", DrfCases.Run);

    [Fact]
    public void Capacity_preemption() => Run("capacity_preemption", CapacityPreemptionCases.Run);

    [Fact]
    public void Fair_preemption() => Run("fair_preemption", FairPreemptionCases.Run);

    [Fact]
    public void User_limit() => Run("user_limit", UserLimitCases.Run);

    [Fact]
    public void Label() => Run("label", LabelCases.Run);

    [Fact]
    public void Speculation() => Run("speculation", SpeculationCases.Run);

    [Fact]
    public void Every_kind_has_a_runner()
    {
        string[] known = ["fair_share", "drf", "capacity_preemption", "fair_preemption", "user_limit", "label", "speculation"];
        Assert.Empty(Cases.Value.Select(item => item.Kind).Distinct().Except(known));
    }

    private static void Run(string kind, Func<SchedulerCase, IReadOnlyDictionary<string, object?>> run)
    {
        var cases = Cases.Value.Where(item => item.Kind == kind).ToArray();
        var failures = cases.Select(item => (item.Id, Reason: Reason(item, run))).Where(result => result.Reason is not null).ToArray();
        Console.WriteLine($"{kind}: {cases.Length - failures.Length} passed, {failures.Length} failed");
        foreach (var (id, reason) in failures)
        {
            Console.WriteLine($"  FAILED {id}: {reason}");
        }

        Assert.NotEmpty(cases);
        Assert.Empty(failures.Select(failure => $"{failure.Id}: {failure.Reason}"));
    }

    private static string? Reason(SchedulerCase item, Func<SchedulerCase, IReadOnlyDictionary<string, object?>> run)
    {
        try
        {
            return Verdict.Difference(item, run(item));
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            // A case that cannot even be run is a failure with a name, not the end of the others.
            return $"{error.GetType().Name}: {error.Message}";
        }
    }
}
