using DataPlatform.Kernel.Storage;

namespace DataPlatform.Kernel.Tests.Storage;

/// <summary>One contract, every store: each test runs on all of them.</summary>
public sealed class ObjectStoreTests : IDisposable
{
    private static readonly byte[] Hello = "hello"u8.ToArray();
    private static readonly byte[] Other = "other"u8.ToArray();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dp-store-{Guid.NewGuid():N}");

    public static TheoryData<string> Kinds => ["local", "local-fast", "memory"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Put_replaces_and_get_returns_what_was_put(string kind)
    {
        var store = Open(kind);
        await store.PutAsync("a/b.txt", Other, Token);
        await store.PutAsync("a/b.txt", Hello, Token);

        Assert.Equal(Hello, (await store.TryGetAsync("a/b.txt", Token))!.Value.ToArray());
        Assert.Null(await store.TryGetAsync("a/c.txt", Token));
        Assert.Equal("ell"u8.ToArray(), (await store.GetRangeAsync("a/b.txt", 1, 3, Token)).ToArray());
        Assert.Equal(5, (await store.TryStatAsync("a/b.txt", Token))!.Value.SizeBytes);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Put_if_absent_has_exactly_one_winner_when_many_race(string kind)
    {
        var store = Open(kind);
        var attempts = Enumerable.Range(0, 32).Select(i => Task.Run(async () => (Won: await store.TryPutIfAbsentAsync("log/1.json", new[] { (byte)i }, Token), Id: (byte)i)));

        var results = await Task.WhenAll(attempts);

        var winner = Assert.Single(results, r => r.Won);
        Assert.Equal([winner.Id], (await store.TryGetAsync("log/1.json", Token))!.Value.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task List_is_ordinal_recursive_and_starts_after_the_given_path(string kind)
    {
        var store = Open(kind);
        foreach (var path in new[] { "log/b", "log/a/x", "log/B", "logs/c", "data/z" })
        {
            await store.PutAsync(path, Hello, Token);
        }

        Assert.Equal(["log/B", "log/a/x", "log/b"], await PathsAsync(store, "log/"));
        Assert.Equal(["log/B", "log/a/x", "log/b", "logs/c"], await PathsAsync(store, "log"));
        Assert.Equal(["log/b"], await PathsAsync(store, "log/", startAfter: "log/a/x"));
        Assert.Empty(await PathsAsync(store, "nothing/"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_abandoned_writer_leaves_no_object(string kind)
    {
        var store = Open(kind);
        await using (var writer = await store.OpenWriteAsync("big.bin", Token))
        {
            await writer.Stream.WriteAsync(Hello, Token);
        }

        Assert.Null(await store.TryGetAsync("big.bin", Token));
        Assert.Empty(await PathsAsync(store, string.Empty));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_completed_writer_shows_the_whole_object(string kind)
    {
        var store = Open(kind);
        await using (var writer = await store.OpenWriteAsync("big.bin", Token))
        {
            await writer.Stream.WriteAsync(Hello, Token);
            Assert.Null(await store.TryGetAsync("big.bin", Token));
            Assert.Equal(5, await writer.CompleteAsync(Token));
        }

        await using var stream = await store.OpenReadAsync("big.bin", Token);
        Assert.True(stream.CanSeek);
        Assert.Equal(5, stream.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Delete_says_whether_there_was_an_object(string kind)
    {
        var store = Open(kind);
        await store.PutAsync("a", Hello, Token);

        Assert.True(await store.DeleteAsync("a", Token));
        Assert.False(await store.DeleteAsync("a", Token));
        Assert.False(await store.DeleteAsync("no/such", Token));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Reading_a_missing_object_names_it(string kind)
    {
        var store = Open(kind);

        var error = await Assert.ThrowsAsync<StorageException>(async () => await store.OpenReadAsync("gone.parquet", Token));

        Assert.Equal("gone.parquet", error.Path);
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("gone.parquet", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("")]
    public async Task A_path_that_could_leave_the_root_is_refused(string path)
    {
        foreach (var kind in Kinds)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Open(kind.Data).TryGetAsync(path, Token));
        }
    }

    [Fact]
    public async Task Temporary_files_of_a_killed_writer_are_hidden_and_can_be_removed()
    {
        var store = new LocalObjectStore(_folder);
        await store.PutAsync("a", Hello, Token);
        await File.WriteAllBytesAsync(Path.Combine(_folder, ".tmp-dead"), Hello, Token);

        Assert.Equal(["a"], await PathsAsync(store, string.Empty));
        Assert.Equal(0, await store.RemoveAbandonedAsync(TimeProvider.System.GetUtcNow().AddHours(-1), Token));
        Assert.Equal(1, await store.RemoveAbandonedAsync(TimeProvider.System.GetUtcNow().AddHours(1), Token));
        Assert.False(File.Exists(Path.Combine(_folder, ".tmp-dead")));
    }

    private static async Task<List<string>> PathsAsync(IObjectStore store, string prefix, string? startAfter = null)
    {
        List<string> paths = [];
        await foreach (var info in store.ListAsync(prefix, startAfter, Token))
        {
            paths.Add(info.Path);
        }

        return paths;
    }

    private IObjectStore Open(string kind) => kind switch
    {
        "local" => new LocalObjectStore(_folder),
        "local-fast" => new LocalObjectStore(_folder, durable: false),
        _ => new InMemoryObjectStore(),
    };
}
