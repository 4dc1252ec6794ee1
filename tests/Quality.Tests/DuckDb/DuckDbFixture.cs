using DataPlatform.Quality.DuckDb;
using DuckDB.NET.Data;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>A database for one test, a clock that stands still, and a runner over both.</summary>
public abstract class DuckDbFixture : IDisposable
{
    protected DuckDbFixture()
    {
        Connection = QualityConnection.Open();
        Runner = new DuckDbQualityRunner(Connection, time: Time);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2001, 2, 1, 0, 0, 0, TimeSpan.Zero));

    protected DuckDBConnection Connection { get; }

    protected IQualityRunner Runner { get; set; }

    public void Dispose()
    {
        Connection.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Execute(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a suite over table <c>t</c>.</summary>
    protected async Task<SuiteResult> RunAsync(Func<QualitySuiteBuilder, QualitySuiteBuilder> rules)
        => await Runner.RunAsync(rules(new QualitySuiteBuilder("t")).Build(), new QualityTarget("t"), Token);

    /// <summary>Runs a suite of one rule over table <c>t</c> and returns its verdict.</summary>
    protected async Task<Verdict> VerdictAsync(Func<QualitySuiteBuilder, QualitySuiteBuilder> rule)
        => Assert.Single((await RunAsync(rule)).Verdicts);
}
