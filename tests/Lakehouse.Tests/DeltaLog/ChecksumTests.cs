using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Maintenance;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Tests.DeltaLog;

public sealed class ChecksumTests
{
    private const string Path = "_delta_log/00000000000000000000.crc";
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly InMemoryObjectStore _store = new();

    [Theory]
    [InlineData("""{"numFiles":7,"tableSizeBytes":0}""", "numFiles = 7, and the log gives 0")]
    [InlineData("""{"numFiles":0,"tableSizeBytes":12}""", "tableSizeBytes = 12, and the log gives 0")]
    [InlineData("""{"protocol":{"minReaderVersion":1,"minWriterVersion":4}}""", "another protocol")]
    [InlineData("""{"metadata":{"id":"other","schemaString":"{}","partitionColumns":[],"configuration":{}}}""", "other metadata")]
    [InlineData("""{"setTransactions":[{"appId":"a","version":3}]}""", "1 applications")]
    [InlineData("""{"domainMetadata":[{"domain":"d","configuration":"{}","removed":false}]}""", "other domains")]
    public async Task A_checksum_that_differs_is_reported_and_refused_where_that_was_asked_for(string checksum, string difference)
    {
        await DeltaTable.CreateAsync(_store, DeltaType.Struct(new StructField("id", DeltaType.Long)), null, _cancel);
        await _store.PutAsync(Path, Encoding.UTF8.GetBytes(checksum), _cancel);

        using var log = new Lines();
        Assert.Equal(0, (await DeltaTable.OpenAsync(_store, new() { LoggerFactory = log }, _cancel)).Snapshot.Version);
        Assert.Contains(log.Warnings, w => w.Contains(difference, StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(_store, new() { Checksums = ChecksumVerification.Refuse }, _cancel));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(difference, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path, error.Message, StringComparison.Ordinal);

        var found = (await (await DeltaTable.OpenAsync(_store, null, _cancel)).CheckAsync(_cancel)).Findings;
        Assert.Contains(found, f => f.Problem == IntegrityProblem.Checksum && f.Detail.Contains(difference, StringComparison.Ordinal));

        using var silent = new Lines();
        await DeltaTable.OpenAsync(_store, new() { Checksums = ChecksumVerification.Ignore, LoggerFactory = silent }, _cancel);
        Assert.Empty(silent.Warnings);
    }

    [Theory]
    [InlineData("""{"numFiles":0,"tableSizeBytes":0,"numMetadata":1,"numProtocol":1,"metadata":{}}""")]
    [InlineData("""{"numFiles":""")]
    [InlineData("")]
    public async Task A_checksum_that_agrees_or_cannot_be_read_is_no_reason_to_refuse(string checksum)
    {
        await DeltaTable.CreateAsync(_store, Order.Mapping.Schema, null, _cancel);
        await _store.PutAsync(Path, Encoding.UTF8.GetBytes(checksum), _cancel);
        Assert.Equal(0, (await DeltaTable.OpenAsync(_store, new() { Checksums = ChecksumVerification.Refuse }, _cancel)).Snapshot.Version);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> Warnings { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Warnings.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
