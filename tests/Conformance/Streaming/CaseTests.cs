using System.Text.Json;

namespace DataPlatform.Conformance.Streaming;

/// <summary>Runs every family and prints how many cases passed.</summary>
public sealed class CaseTests
{
    private static readonly Dictionary<string, Func<JsonElement, string?>> Judges = new(StringComparer.Ordinal)
    {
        ["windows"] = WindowJudge.Run,
        ["valves"] = ValveJudge.Run,
        ["barriers"] = BarrierJudge.Run,
        ["watermarks"] = WatermarkJudge.Run,
        ["alignments"] = AlignmentJudge.Run,
        ["commits"] = CommitJudge.Run,
        ["key-groups"] = KeyGroupJudge.Run,
        ["timers"] = TimerJudge.Run,
        ["ttl"] = TtlJudge.Run,
    };

    [Fact]
    public void Every_case_of_every_family_passes()
    {
        List<string> failures = [];
        var total = 0;
        foreach (var file in CaseFile.Load())
        {
            Assert.True(Judges.TryGetValue(file.Family, out var judge), $"There is no judge for the family '{file.Family}'.");
            var failed = file.Cases.Select(c => (Name: c.Text("name"), Error: Judge(judge!, c))).Where(static r => r.Error is not null).ToList();
            total += file.Cases.Count;
            Console.WriteLine($"{file.Family}: {file.Cases.Count - failed.Count} passed, {failed.Count} failed");
            failures.AddRange(failed.Select(f => $"{file.Family}: {f.Name}: {f.Error}"));
        }

        failures.ForEach(Console.WriteLine);
        Assert.True(total > 0, "There are no cases.");
        Assert.Empty(failures);
    }

    private static string? Judge(Func<JsonElement, string?> judge, JsonElement element)
    {
        try
        {
            return judge(element);
        }
#pragma warning disable CA1031 // A case that throws is a failed case, and the next one is judged all the same.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }
}
