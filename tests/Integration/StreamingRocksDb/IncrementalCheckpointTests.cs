using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.RocksDb;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Tests.State;

namespace DataPlatform.Integration.StreamingRocksDb;

public sealed class IncrementalCheckpointTests
{
    private static readonly IReadOnlySet<string> Uids = new HashSet<string>(["states", "slices"], StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_new_files_are_uploaded_and_every_retained_checkpoint_restores()
    {
        using var database = new TemporaryBackend();
        var store = new InMemoryObjectStore();
        var storage = new CheckpointStorage(store, "program");
        using var program = new StateProgram(database.Backend, 3);
        List<(long Id, string Content, long NowMs)> taken = [];
        for (var id = 1L; id <= 6; id++)
        {
            program.Run(steps: 500);
            await CheckpointAsync(storage, program, id);
            taken.Add((id, program.Content(), program.Clock.NowMs));
        }

        var manifests = await ReadAllAsync(storage);
        var first = SharedFiles(manifests[0]);
        Assert.Contains(manifests.Skip(1), m => SharedFiles(m).Overlaps(first));
        foreach (var (id, content, nowMs) in taken)
        {
            using var again = await RestoreAsync(storage, database.Backend, id, new KeyGroupRange(0, 15), nowMs);
            Assert.Equal(content, again.Content());
        }
    }

    [Fact]
    public async Task Files_go_when_no_retained_checkpoint_names_them_and_not_before()
    {
        using var database = new TemporaryBackend();
        var store = new InMemoryObjectStore();
        var storage = new CheckpointStorage(store, "program");
        using var program = new StateProgram(database.Backend, 4);
        for (var id = 1L; id <= 12; id++)
        {
            program.Run(steps: 300);
            await CheckpointAsync(storage, program, id);
            await storage.RemoveOldAsync(2, id, Token);

            var named = (await ReadAllAsync(storage)).SelectMany(SharedFiles).ToHashSet(StringComparer.Ordinal);
            var there = await store.ListAsync(
                "program/shared/", cancellationToken: Token).Select(static i => i.Path).ToHashSetAsync(StringComparer.Ordinal, Token);
            Assert.Equal(named.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
        }

        Assert.Equal([11L, 12L], await storage.ListAsync(Token));
        using var again = await RestoreAsync(storage, database.Backend, 11, new KeyGroupRange(0, 15), program.Clock.NowMs);
        Assert.NotEmpty(again.Content());
    }

    /// <summary>
    /// Checkpoint 2 uploads and is given up; 3 refers to what 2 uploaded, and nothing of that may go before 3 is complete.
    /// </summary>
    [Fact]
    public async Task What_an_abandoned_checkpoint_uploaded_serves_the_next_one()
    {
        using var database = new TemporaryBackend();
        var store = new InMemoryObjectStore();
        var storage = new CheckpointStorage(store, "program");
        using var program = new StateProgram(database.Backend, 6);
        program.Run(steps: 500);
        await CheckpointAsync(storage, program, 1);
        program.Run(steps: 500);
        using (var abandoned = program.Freeze(isSavepoint: false, id: 2))
        {
            await storage.UploadAsync(2, 1, 0, abandoned.Uploads, Token);
        }

        await storage.RemoveOldAsync(1, 1, Token);
        await CheckpointAsync(storage, program, 3);
        await storage.RemoveOldAsync(1, 3, Token);

        Assert.Contains(SharedFiles((await ReadAllAsync(storage))[0]), static f => f.Contains($"/{2:D20}/", StringComparison.Ordinal));
        using var again = await RestoreAsync(storage, database.Backend, 3, new KeyGroupRange(0, 15), program.Clock.NowMs);
        Assert.Equal(program.Content(), again.Content());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_claimed_checkpoint_is_built_upon_and_one_that_is_not_is_left_alone(bool isClaimed)
    {
        using var database = new TemporaryBackend();
        var store = new InMemoryObjectStore();
        var storage = new CheckpointStorage(store, "program");
        using (var program = new StateProgram(database.Backend, 7))
        {
            program.Run(steps: 1000);
            await CheckpointAsync(storage, program, 1);
        }

        var before = SharedFiles((await ReadAllAsync(storage))[0]);
        using var again = await RestoreAsync(storage, database.Backend, 1, new KeyGroupRange(0, 15), 1_100_000, isClaimed);
        await CheckpointAsync(storage, again, 2);

        Assert.Equal(isClaimed, SharedFiles((await ReadAllAsync(storage))[1]).Overlaps(before));
    }

    [Fact]
    public async Task A_checkpoint_restores_at_another_parallelism_and_back()
    {
        using var database = new TemporaryBackend();
        var storage = new CheckpointStorage(new InMemoryObjectStore(), "program");
        using var whole = new StateProgram(database.Backend, 8);
        whole.Run(steps: 2500);
        await CheckpointAsync(storage, whole, 1);
        List<string> content = [.. Lines(whole.Content())];
        var nowMs = whole.Clock.NowMs;

        KeyGroupRange[] ranges = [new(0, 4), new(5, 9), new(10, 15)];
        List<StateProgram> parts = [];
        foreach (var range in ranges)
        {
            parts.Add(await RestoreAsync(storage, database.Backend, 1, range, nowMs));
        }

        Assert.Equal(content, parts.SelectMany(static p => Lines(p.Content())).Order(StringComparer.Ordinal));
        parts.ForEach(static p => p.Run(steps: 800));
        nowMs = parts.Max(static p => p.Clock.NowMs);
        parts.ForEach(p => p.Clock.NowMs = nowMs);
        content = [.. parts.SelectMany(static p => Lines(p.Content())).Order(StringComparer.Ordinal)];
        await CheckpointAsync(storage, parts, 2);
        parts.ForEach(static p => p.Dispose());

        using var lower = await RestoreAsync(storage, database.Backend, 2, new KeyGroupRange(0, 7), nowMs);
        using var upper = await RestoreAsync(storage, database.Backend, 2, new KeyGroupRange(8, 15), nowMs);
        Assert.Equal(content, Lines(lower.Content()).Concat(Lines(upper.Content())).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_flipped_byte_or_a_missing_file_is_named_and_another_checkpoint_stays()
    {
        using var database = new TemporaryBackend();
        var store = new InMemoryObjectStore();
        var storage = new CheckpointStorage(store, "program");
        using var program = new StateProgram(database.Backend, 9);
        program.Run(steps: 600);
        await CheckpointAsync(storage, program, 1);
        var intact = program.Content();
        var nowMs = program.Clock.NowMs;
        program.Run(steps: 600);
        await CheckpointAsync(storage, program, 2);
        var all = await ReadAllAsync(storage);
        var damaged = SharedFiles(all[1]).Except(SharedFiles(all[0])).First();
        var bytes = (await store.TryGetAsync(damaged, Token))!.Value.ToArray();
        bytes[bytes.Length / 2] ^= 1;
        await store.PutAsync(damaged, bytes, Token);

        var flipped = await Assert.ThrowsAsync<StreamJobException>(
            () => RestoreAsync(storage, database.Backend, 2, new KeyGroupRange(0, 15), nowMs));
        Assert.Contains(damaged, flipped.Message, StringComparison.Ordinal);
        Assert.Equal(Kernel.ErrorKind.Corrupt, flipped.Kind);
        await store.DeleteAsync(damaged, Token);
        var missing = await Assert.ThrowsAsync<StreamJobException>(
            () => RestoreAsync(storage, database.Backend, 2, new KeyGroupRange(0, 15), nowMs));
        Assert.Contains(damaged, missing.Message, StringComparison.Ordinal);
        using var older = await RestoreAsync(storage, database.Backend, 1, new KeyGroupRange(0, 15), nowMs);
        Assert.Equal(intact, older.Content());
    }

    [Fact]
    public async Task The_heap_refuses_the_files_of_a_database_and_says_what_to_do()
    {
        using var database = new TemporaryBackend();
        var storage = new CheckpointStorage(new InMemoryObjectStore(), "program");
        using var program = new StateProgram(database.Backend, 9);
        program.Run(steps: 100);
        await CheckpointAsync(storage, program, 1);

        var refused = await Assert.ThrowsAsync<StreamJobException>(
            () => RestoreAsync(storage, StateBackend.Heap, 1, new KeyGroupRange(0, 15), 0));

        Assert.Contains("'rocksdb'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("savepoint", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_in_the_working_folder_when_stores_and_snapshots_are_gone()
    {
        using var database = new TemporaryBackend();
        var storage = new CheckpointStorage(new InMemoryObjectStore(), "program");
        using (var program = new StateProgram(database.Backend, 2))
        {
            program.Run(steps: 400);
            await CheckpointAsync(storage, program, 1);
            Assert.Equal(2, database.WorkingFolders.Count);
        }

        Assert.Empty(database.WorkingFolders);
        Directory.CreateDirectory(Path.Combine(database.Folder, "run-dead"));
        await File.WriteAllTextAsync(Path.Combine(database.Folder, "run-dead", "LOCK.run"), string.Empty, Token);
        using var next = new RocksDbStateBackend(new RocksDbStateOptions { LocalFolder = database.Folder, Memory = database.Memory });
        new StateProgram(next, 1).Dispose();

        Assert.False(Directory.Exists(Path.Combine(database.Folder, "run-dead")));
        Assert.Equal(2, Directory.GetDirectories(database.Folder, "run-*").Length);
    }

    private static Task CheckpointAsync(CheckpointStorage storage, StateProgram program, long id)
        => CheckpointAsync(storage, [program], id);

    private static async Task CheckpointAsync(CheckpointStorage storage, List<StateProgram> subtasks, long id)
    {
        List<UploadedDatabase> databases = [];
        for (var subtask = 0; subtask < subtasks.Count; subtask++)
        {
            using var frozen = subtasks[subtask].Freeze(isSavepoint: false, id);
            databases.AddRange(await storage.UploadAsync(id, 1, subtask, frozen.Uploads, Token));
        }

        await storage.CompleteAsync(
            new CheckpointManifest
            {
                JobName = storage.JobName,
                CheckpointId = id,
                Attempt = 1,
                CreatedAt = DateTimeOffset.UnixEpoch,
                MaxParallelism = 16,
                KeyHashVersion = KeyHashers.Version,
                Operators = OperatorStates.Of([], databases),
                Sinks = [],
            },
            Token);
    }

    private static async Task<StateProgram> RestoreAsync(
        CheckpointStorage storage, StateBackend backend, long id, KeyGroupRange groups, long nowMs, bool isClaimed = true)
    {
        var options = new StreamJobOptions { StateBackend = backend, MaxParallelism = 16 };
        var checkpoint = new RestoredCheckpoint(storage, await storage.ReadAsync(id, Token), options, isClaimed);
        checkpoint.Validate(Uids);
        var states = await checkpoint.LoadAsync("states", groups, Token);
        var slices = await checkpoint.LoadAsync("slices", groups, Token);
        var program = new StateProgram(backend, (int)id, restored: null, groups, states, slices, new ManualTimers { NowMs = nowMs });
        Assert.Empty(states!.Unread.Concat(slices!.Unread));
        return program;
    }

    private static async Task<IReadOnlyList<CheckpointManifest>> ReadAllAsync(CheckpointStorage storage)
    {
        List<CheckpointManifest> manifests = [];
        foreach (var id in await storage.ListAsync(Token))
        {
            manifests.Add(await storage.ReadAsync(id, Token));
        }

        return manifests;
    }

    private static HashSet<string> SharedFiles(CheckpointManifest manifest) => manifest.Operators
        .SelectMany(static o => o.Databases ?? []).SelectMany(static d => d.Files).Select(static f => f.File)
        .Where(static f => f.Contains("/shared/", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Lines(string content)
        => content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
}
