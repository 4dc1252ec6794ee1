using System.Diagnostics;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Transactions;

/// <summary>
/// Several processes change one table by read-modify-write. Were any update lost or any write applied twice, the balance that each version
/// must keep would be off: every commit moves an amount between two accounts, so that the sum never changes.
/// </summary>
public sealed class SerialHistoryTests : IDisposable
{
    private const string FolderVariable = "DP_LAKE_SERIAL_FOLDER";
    private const string SeedVariable = "DP_LAKE_SERIAL_SEED";
    private const string CommitsVariable = "DP_LAKE_SERIAL_COMMITS";
    private const int Accounts = 8;
    private const long Opening = 1_000;
    private static readonly RowMapping<(long Account, long Balance)> Mapping = new RowMapping<(long Account, long Balance)>()
        .Column("account", Schemas.DeltaType.Long, r => r.Account).Column("balance", Schemas.DeltaType.Long, r => r.Balance);

    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Mixed_commits_of_four_processes_have_a_serial_history()
    {
        var commits = int.Parse(Environment.GetEnvironmentVariable(CommitsVariable) ?? "12", CultureInfo.InvariantCulture);
        var table = await DeltaTable.CreateAsync(_folder.Store, Mapping.Schema, new() { PartitionColumns = ["account"] }, _cancel);
        await table.AppendAsync([Mapping.ToBatch([.. Enumerable.Range(0, Accounts).Select(a => ((long)a, Opening))])], _cancel);
        var children = Enumerable.Range(1, 4).Select(seed => Start(seed, commits)).ToArray();
        foreach (var child in children)
        {
            var output = await child.StandardOutput.ReadToEndAsync(_cancel);
            await child.WaitForExitAsync(_cancel);
            Assert.True(child.ExitCode == 0, output);
            child.Dispose();
        }

        await table.RefreshAsync(_cancel);
        Assert.True(table.Snapshot.Version > 4 * commits);
        var history = await table.HistoryAsync(int.MaxValue, _cancel);
        Assert.Equal(4 * commits, history.Count(h => h.Info!.UserMetadata?.StartsWith("transfer", StringComparison.Ordinal) == true));
        for (long version = 1; version <= table.Snapshot.Version; version++)
        {
            var balances = await BalancesAsync(await table.SnapshotAtAsync(version, _cancel), _cancel);
            Assert.Equal(Accounts, balances.Count);
            Assert.Equal(Accounts * Opening, balances.Values.Sum());
        }

        Assert.Equal(MinimalReplay.ActiveFiles(_folder.Path).Length, table.Snapshot.Files.Count);
    }

    /// <summary>What each child process runs; not a test of its own.</summary>
    [Fact(Explicit = true)]
    public async Task Child_process_transfers()
    {
        var random = new Random(int.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture));
        var commits = int.Parse(Environment.GetEnvironmentVariable(CommitsVariable)!, CultureInfo.InvariantCulture);
        var store = new LocalObjectStore(Environment.GetEnvironmentVariable(FolderVariable)!, durable: false);
        var table = await DeltaTable.OpenAsync(store, null, _cancel);
        for (var done = 0; done < commits;)
        {
            if (random.Next(5) == 0)
            {
                await table.CompactAsync(cancellationToken: _cancel);
            }

            done += await TransferAsync(table, random) ? 1 : 0;
        }
    }

    private async Task<bool> TransferAsync(DeltaTable table, Random random)
    {
        var snapshot = await table.RefreshAsync(_cancel);
        var (from, to) = (random.Next(Accounts), random.Next(Accounts - 1));
        to += to >= from ? 1 : 0;
        var balances = await BalancesAsync(snapshot, _cancel);
        var amount = random.Next(1, 100);
        var transaction = table.BeginTransaction(snapshot);
        transaction.UserMetadata = $"transfer {amount} from {from} to {to}";
        foreach (var account in new[] { from, to })
        {
            foreach (var file in snapshot.Files.Where(f => f.PartitionValues["account"] == account.ToString(CultureInfo.InvariantCulture)))
            {
                transaction.Remove(file);
            }
        }

        var rows = new[] { ((long)from, balances[from] - amount), ((long)to, balances[to] + amount) };
        transaction.Add(await table.WriteFilesAsync(new[] { Mapping.ToBatch(rows) }.ToAsyncEnumerable(), _cancel));
        try
        {
            await transaction.CommitAsync("UPDATE", _cancel);
            return true;
        }
        catch (DeltaException e) when (e.Kind == ErrorKind.Conflict)
        {
            return false;
        }
    }

    private static async Task<Dictionary<long, long>> BalancesAsync(Lakehouse.Snapshots.Snapshot snapshot, CancellationToken cancel)
    {
        Dictionary<long, long> balances = [];
        await foreach (var batch in new TableScan(snapshot).ReadAsync(cancel))
        {
            var (accounts, amounts) = ((Apache.Arrow.Int64Array)batch.Column("account"), (Apache.Arrow.Int64Array)batch.Column("balance"));
            for (var row = 0; row < batch.Length; row++)
            {
                balances[accounts.GetValue(row)!.Value] = amounts.GetValue(row)!.Value;
            }
        }

        return balances;
    }

    private Process Start(int seed, int commits)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "--explicit", "on", "--filter-method", "*Child_process_transfers", "--progress", "off" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[FolderVariable] = _folder.Path;
        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        start.Environment[CommitsVariable] = commits.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
