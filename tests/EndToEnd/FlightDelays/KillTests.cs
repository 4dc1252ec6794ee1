using System.Globalization;

namespace DataPlatform.EndToEnd.FlightDelays;

/// <summary>Killed with -9 at any moment and started again, the final tables are the same.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 12;
    private const int Rows = 40_000;
    private static readonly int RunsMax = Environment.GetEnvironmentVariable("DP_SOAK") is null ? 1 : 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_final_tables_are_those_of_an_undisturbed_run_when_the_process_is_killed_at_random_points()
    {
        var firstSeed = int.TryParse(Environment.GetEnvironmentVariable("DP_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.ProcessId;
        for (var seed = firstSeed; seed < firstSeed + RunsMax; seed++)
        {
            output.WriteLine($"DP_SEED={seed}");
            Console.WriteLine($"kill test: DP_SEED={seed}");
            await KillAndCompareAsync(seed);
        }
    }

    private static async Task KillAndCompareAsync(int seed)
    {
        using var undisturbed = new TemporaryFolder();
        using var disturbed = new TemporaryFolder();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await RunToEndAsync(undisturbed.Path);
        var length = watch.Elapsed;

        var random = new Random(seed);
        var killed = 0;
        for (var start = 0; killed < Kills; start++)
        {
            Assert.True(start < 10 * Kills, $"Only {killed} of {start} runs could be killed before they ended; the first run took {length}.");
            using var process = SampleProcess.Start("FlightDelays", Arguments(disturbed.Path));
            var exit = await process.KillAfterAsync(length * (0.05 + (random.NextDouble() * 0.9)), Token);
            killed += exit is null ? 1 : 0;
            Assert.True(exit is null or 0, $"Start {start} ended with {exit}:\n{process.Output}");
            if (exit == 0)
            {
                // It got through in spite of the kills: hold it against the undisturbed run, then begin anew for the rest of the kills.
                await AssertSameAsync(undisturbed.Path, disturbed.Path, process.Output);
                disturbed.Clear();
            }
        }

        await RunToEndAsync(disturbed.Path);
        await AssertSameAsync(undisturbed.Path, disturbed.Path, "the last run");
    }

    private static string[] Arguments(string folder) => ["--rows", Rows.ToString(CultureInfo.InvariantCulture), "--out", folder];

    private static async Task RunToEndAsync(string folder)
    {
        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", Arguments(folder), Token);

        Assert.True(exitCode == 0, text);
        Assert.Contains("PROVED", text, StringComparison.Ordinal);
    }

    private static async Task AssertSameAsync(string expectedFolder, string actualFolder, string context)
    {
        foreach (var table in LakeContents.Tables)
        {
            var expected = await LakeContents.ReadAsync(expectedFolder, table, Token);
            var actual = await LakeContents.ReadAsync(actualFolder, table, Token);
            var difference = expected.Zip(actual).FirstOrDefault(pair => pair.First != pair.Second);

            Assert.True(expected.Count > 0, $"{table} is empty");
            Assert.True(
                expected.Count == actual.Count && difference == default,
                $"{table}: {expected.Count} rows expected, {actual.Count} found; first difference {difference.First} against {difference.Second}; after {context}");
        }
    }
}
