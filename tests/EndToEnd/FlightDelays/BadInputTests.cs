namespace DataPlatform.EndToEnd.FlightDelays;

/// <summary>Bad input gets an error that names the thing and the remedy, and an exit code that says so.</summary>
public sealed class BadInputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--nosuch", "--nosuch")]
    [InlineData("--rows", "--rows")]
    [InlineData("--rows=0", "--rows=0")]
    [InlineData("--speed", "--speed")]
    public async Task A_wrong_argument_is_named_with_exit_code_2(string argument, string named)
    {
        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", [argument], Token);

        Assert.Equal(2, exitCode);
        Assert.Contains(named, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_data_file_is_named()
    {
        using var data = new TemporaryFolder();
        using var folder = new TemporaryFolder();

        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", ["--data", data.Path, "--out", folder.Path], Token);

        Assert.Equal(1, exitCode);
        Assert.Contains("flights-2001-01.parquet", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupt_data_file_is_named_and_nothing_is_written_to_the_lake()
    {
        using var data = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(data.Path, "flights-2001-01.parquet"), "PAR1 this is no Parquet file PAR1", Token);
        await File.WriteAllTextAsync(Path.Combine(data.Path, "airports.csv"), "iata,time_zone\nABE,America/New_York\n", Token);

        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", ["--data", data.Path, "--out", folder.Path], Token);

        Assert.Equal(1, exitCode);
        Assert.Contains("flights-2001-01.parquet", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "lake", "arrivals")));
    }

    [Fact]
    public async Task A_lake_folder_that_is_not_ours_is_refused_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        var stranger = Path.Combine(folder.Path, "lake", "arrivals", "holiday.jpg");
        Directory.CreateDirectory(Path.GetDirectoryName(stranger)!);
        await File.WriteAllTextAsync(stranger, "a photograph", Token);

        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", ["--rows", "1000", "--out", folder.Path], Token);

        Assert.Equal(1, exitCode);
        Assert.Contains("arrivals", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Equal("a photograph", await File.ReadAllTextAsync(stranger, Token));
    }

    [Fact]
    public async Task A_half_written_last_line_in_a_log_is_named_with_its_file()
    {
        using var folder = new TemporaryFolder();
        var (first, firstText) = await SampleProcess.RunAsync("FlightDelays", ["--rows", "2000", "--out", folder.Path], Token);
        Assert.True(first == 0, firstText);
        var log = Directory.EnumerateFiles(Path.Combine(folder.Path, "lake", "arrivals_hourly", "_delta_log"), "*.json").Order(StringComparer.Ordinal).Last();
        var text = await File.ReadAllTextAsync(log, Token);
        await File.WriteAllTextAsync(log, text[..(text.TrimEnd().Length - 10)], Token);

        var (exitCode, output) = await SampleProcess.RunAsync("FlightDelays", ["--rows", "2000", "--out", folder.Path], Token);

        Assert.Equal(1, exitCode);
        Assert.Contains(Path.GetFileName(log), output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_batch_fails_the_gate_so_that_mart_does_not_run_and_the_exit_code_is_3()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, text) = await SampleProcess.RunAsync("FlightDelays", ["--rows", "2000", "--break", "--out", folder.Path], Token);

        Assert.True(exitCode == 3, text);
        Assert.Contains("upstream_failed", text, StringComparison.Ordinal);
        Assert.Contains("destination", text, StringComparison.Ordinal);
    }
}
