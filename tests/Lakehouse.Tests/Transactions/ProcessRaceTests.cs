using System.Diagnostics;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Transactions;

public sealed class ProcessRaceTests : IDisposable
{
    private const string FolderVariable = "DP_LAKE_RACE_FOLDER";
    private const string WriterVariable = "DP_LAKE_RACE_WRITER";
    private const int Processes = 3;
    private const int CommitsEach = 20;
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Appends_of_several_processes_all_land_once()
    {
        await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        var children = Enumerable.Range(0, Processes).Select(Start).ToArray();
        foreach (var child in children)
        {
            var output = await child.StandardOutput.ReadToEndAsync(_cancel);
            await child.WaitForExitAsync(_cancel);
            Assert.True(child.ExitCode == 0, output);
            child.Dispose();
        }

        var snapshot = (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot;
        Assert.Equal((Processes * CommitsEach, Processes * CommitsEach), (snapshot.Version, snapshot.RowCount));
        Assert.Equal(Processes * CommitsEach, MinimalReplay.ActiveFiles(_folder.Path).Length);
    }

    /// <summary>What each child process runs; not a test of its own.</summary>
    [Fact(Explicit = true)]
    public async Task Child_process_appends()
    {
        var table = await DeltaTable.OpenAsync(
            new Kernel.Storage.LocalObjectStore(Environment.GetEnvironmentVariable(FolderVariable)!, durable: false), null, _cancel);
        var writer = int.Parse(Environment.GetEnvironmentVariable(WriterVariable)!, System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < CommitsEach; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch([Order.Of((writer * CommitsEach) + i)])], _cancel);
        }
    }

    private Process Start(int writer)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "--explicit", "on", "--filter-method", "*Child_process_appends", "--progress", "off" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[FolderVariable] = _folder.Path;
        start.Environment[WriterVariable] = writer.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
