using System.Data.Common;
using DataPlatform.Orchestrator.Dags;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Execution;

/// <summary>What ready-made sensors take for an answer.</summary>
public sealed class SensorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("select null", false)]
    [InlineData("select 0", false)]
    [InlineData("select 0.0", false)]
    [InlineData("select ''", false)]
    [InlineData("select '0'", false)]
    [InlineData("select 1e300", true)]
    [InlineData("select -1", true)]
    [InlineData("select 'no'", true)]
    [InlineData("select x'00'", true)]
    [InlineData("select 1 where false", false)]
    public async Task A_query_holds_unless_its_first_value_is_nothing(string sql, bool expected) =>
        Assert.Equal(expected, await Sensors.Sql(ConnectAsync, sql)(TestTry.Context(), Token));

    [Fact]
    public void An_instant_or_a_day_is_something()
    {
        Assert.True(Sensors.IsTrue(new DateTime(2026, 1, 1)));
        Assert.True(Sensors.IsTrue(new DateOnly(2026, 1, 1)));
        Assert.False(Sensors.IsTrue(DBNull.Value));
    }

    [Fact]
    public async Task An_address_that_is_slow_to_answer_is_asked_again()
    {
        using var client = new HttpClient(new Slow());
        var poke = Sensors.Http(client, _ => new Uri("http://slow.invalid/"));

        Assert.False(await poke(TestTry.Context(), Token));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poke(TestTry.Context(), cancelled.Token));
    }

    private static async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private sealed class Slow : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.", new TimeoutException());
        }
    }
}
