using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.DuckDb.Trials;

namespace DataPlatform.TestKit.Suites;

/// <summary>The one table of <see cref="DemoQuality"/> that has rows: 20,000 orders, 2 % of them with a negative amount.</summary>
internal sealed class DemoTables : ITrialTables
{
    public const string Orders = "sales.orders";

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<string>>([Orders]);

    public ValueTask<TrialTable> OpenAsync(string table, CancellationToken cancellationToken = default)
    {
        if (table != Orders)
        {
            throw new QualityException(ErrorKind.Invalid, $"There is no table '{table}' to try on; there is {Orders}.");
        }

        var connection = QualityConnection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE orders AS SELECT range AS id, 'c' || range % 700 AS customer, CASE WHEN range % 50 = 0 THEN -1.5 ELSE (range * 37 % 9000) / 100 END AS amount,
              ['EUR', 'USD', 'CHF'][1 + range % 3] AS currency, CASE WHEN range % 40 = 7 THEN NULL ELSE 'mail' || range % 300 || '@example.org' END AS email,
              TIMESTAMP '2001-02-28 00:00:00' + to_minutes(range % 1440) AS updated_at
            FROM range(20000)
            """;
        command.ExecuteNonQuery();
        return ValueTask.FromResult(new TrialTable(connection, "orders", new DatasetVersion(new DatasetId("sales/orders"), 160)));
    }
}
