using System.Data.Common;
using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.DuckDb;

public sealed class LakeDataSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lake-source-").FullName;
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Tables_of_a_folder_are_views_at_the_version_that_is_newest_when_a_connection_is_opened()
    {
        var orders = await TableAsync("orders");
        await TableAsync("old orders");
        Directory.CreateDirectory(Path.Combine(_folder, "notes"));
        await orders.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        await using var source = new LakeDataSource(_folder);
        await using var first = await source.OpenConnectionAsync(_cancel);
        await orders.AppendAsync([Order.Mapping.ToBatch(Order.Some(5, 10))], _cancel);
        await using var second = await source.OpenConnectionAsync(_cancel);

        const string Sql = "select count(*) from orders where id >= $least and id not in (select id from \"old orders\")";
        Assert.Equal((8, 13), (await CountAsync(first, Sql), await CountAsync(second, Sql)));
        await Assert.ThrowsAnyAsync<DbException>(() => CountAsync(second, "insert into orders select * from orders where id >= $least"));
    }

    [Fact]
    public async Task A_folder_that_holds_no_tables_or_a_broken_one_is_named()
    {
        await using var missing = new LakeDataSource(Path.Combine(_folder, "nowhere"));
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<DeltaException>(async () => await missing.OpenConnectionAsync(_cancel))).Message, StringComparison.Ordinal);
        await using var source = new LakeDataSource(_folder);
        Assert.Contains("No folder in", (await Assert.ThrowsAsync<DeltaException>(async () => await source.OpenConnectionAsync(_cancel))).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(source.OpenConnection);

        await TableAsync("orders");
        await File.WriteAllTextAsync(Path.Combine(_folder, "orders", "_delta_log", "00000000000000000000.json"), "{\"broken", _cancel);
        Assert.Contains("00000000000000000000.json", (await Assert.ThrowsAsync<DeltaException>(async () => await source.OpenConnectionAsync(_cancel))).Message, StringComparison.Ordinal);
    }

    private Task<DeltaTable> TableAsync(string name) =>
        DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, name)), Order.Mapping.Schema, cancellationToken: _cancel);

    private async Task<int> CountAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var least = command.CreateParameter();
        (least.ParameterName, least.Value) = ("least", 2L);
        command.Parameters.Add(least);
        return Convert.ToInt32(await command.ExecuteScalarAsync(_cancel), CultureInfo.InvariantCulture);
    }
}
