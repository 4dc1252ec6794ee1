using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Tests.State;

public sealed class KeyTableTests
{
    [Fact]
    public void A_table_behaves_as_a_dictionary_and_its_snapshots_stay_as_they_were()
    {
        var random = new Random(42);
        var table = new KeyTable<int, long>();
        var model = new Dictionary<int, long>();
        List<(KeyTableSnapshot<int, long> Snapshot, Dictionary<int, long> Model)> frozen = [];
        for (var step = 0; step < 60_000; step++)
        {
            var key = random.Next(3000);
            var hash = key % 7 == 0 ? 7 : key * 31;
            switch (random.Next(10))
            {
                case < 6:
                    table.GetOrAdd(key, hash, out var exists) += step;
                    Assert.Equal(model.ContainsKey(key), exists);
                    model[key] = model.GetValueOrDefault(key) + step;
                    break;
                case < 9:
                    Assert.Equal(model.Remove(key), table.Remove(key, hash));
                    break;
                default:
                    Assert.Equal(model.TryGetValue(key, out var expected), table.TryGet(key, hash, out var value));
                    Assert.Equal(expected, value);
                    break;
            }

            if (step % 10_000 == 5_000)
            {
                frozen.Add((table.TakeSnapshot(), new Dictionary<int, long>(model)));
            }
        }

        Assert.Equal(model.Count, table.Count);
        foreach (var (snapshot, then) in frozen)
        {
            Assert.Equal(then.OrderBy(static e => e.Key), Read(snapshot).OrderBy(static e => e.Key));
            snapshot.Dispose();
        }
    }

    [Fact]
    public void Key_groups_are_contiguous_complete_and_found_again_from_the_hash()
    {
        foreach (var (parallelism, max) in new[] { (1, 1), (3, 7), (5, 128), (128, 128), (2, 32_768) })
        {
            var next = 0;
            for (var subtask = 0; subtask < parallelism; subtask++)
            {
                var range = KeyGroups.RangeOf(subtask, parallelism, max);
                Assert.Equal(next, range.First);
                Assert.All(Enumerable.Range(range.First, range.Last - range.First + 1), g => Assert.Equal(subtask, KeyGroups.SubtaskOf(g, parallelism, max)));
                next = range.Last + 1;
            }

            Assert.Equal(max, next);
        }

        Assert.Equal(0, KeyGroups.GroupOf(0, 128));
        Assert.Equal(127, KeyGroups.GroupOf(-1, 128));
    }

    /// <summary>Written down from version 1: another value means that the state of every existing checkpoint would be misplaced.</summary>
    [Fact]
    public void Key_hashes_never_change()
    {
        var serializers = new StateSerializers();

        Assert.Equal(
            KnownHashes,
            new[] { KeyHashers.Create(serializers.Get<string>()).Hash("ATL"), KeyHashers.Create(serializers.Get<long>()).Hash(42), KeyHashers.Create(serializers.Get<int>()).Hash(-1) });
    }

    private static readonly int[] KnownHashes = [1777979141, -310780160, -1068205378];

    private static Dictionary<int, long> Read(KeyTableSnapshot<int, long> snapshot)
    {
        snapshot.SortByGroup(new KeyGroupRange(0, 15), 16, out var places);
        return places.ToDictionary(p => snapshot.EntryAt(p).Key, p => snapshot.EntryAt(p).Value);
    }
}
