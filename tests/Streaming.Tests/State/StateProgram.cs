using System.Globalization;
using System.Text;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.State;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualTimers : ITimerService
{
    public long NowMs { get; set; } = 1_000_000;

    public void Register(long atMs, Action<long> callback)
    {
    }
}

/// <summary>An accumulator that changes in place.</summary>
internal sealed class Tally
{
    public long Sum { get; set; }

    public string Last { get; set; } = string.Empty;

    public static IStateSerializer<Tally> Serializer { get; } = StateSerializer.Create(
        "tally",
        static (w, v) =>
        {
            w.WriteInt64(v.Sum);
            w.WriteString(v.Last);
        },
        static (ref StateReader r) => new Tally { Sum = r.ReadInt64(), Last = r.ReadString() });
}

/// <summary>
/// A seeded program over every kind of keyed state of one operator. What it reads is its output; two back ends must give the same output
/// and
/// the same content. Time passes, so that values expire.
/// </summary>
internal sealed class StateProgram : IDisposable
{
    private const int Keys = 40;
    private readonly Random _random;
    private readonly ManualTimers _clock = new();
    private readonly KeyedStates<string> _states;
    private readonly StateStore<string> _sliceStore;
    private readonly KeyHasher<string> _hasher;
    private readonly IValueState<long> _value;
    private readonly IValueState<string> _expiring;
    private readonly IListState<string> _list;
    private readonly IListState<long> _expiringList;
    private readonly IMapState<int, string> _map;
    private readonly IMapState<string, long> _expiringMap;
    private readonly IReducingState<long> _reducing;
    private readonly IValueState<Tally> _tally;
    private readonly KeyedTimers<string, TimeWindow> _timers;
    private readonly StateTable<string, WindowSet<long>> _windows;
    private readonly SliceTables<string, Tally> _slices;
    private long _nowMs;

    public StateProgram(
        StateBackend backend,
        int seed,
        SubtaskSnapshot? restored = null,
        KeyGroupRange? groups = null,
        RestoredOperator? state = null,
        RestoredOperator? sliceState = null,
        ManualTimers? clock = null)
    {
        _random = new Random(seed);
        _clock = clock ?? _clock;
        Context = ContextOf(backend, _clock, "states", groups);
        var slices = ContextOf(backend, _clock, "slices", groups);
        var strings = Context.Options.Serializers.Get<string>();
        _hasher = KeyHashers.Create(strings);
        _states = new KeyedStates<string>(
            Context, strings, state ?? (restored is null ? null : Restored(restored, "states", Context.KeyGroups)));
        _value = _states.Value<long>("value");
        _expiring = _states.Value<string>("expiring", new StateTtl(TimeSpan.FromMilliseconds(300)) { RefreshOnRead = true });
        _list = _states.List<string>("list");
        _expiringList = _states.List<long>("expiring-list", new StateTtl(TimeSpan.FromMilliseconds(300)));
        _map = _states.Map<int, string>("map");
        _expiringMap = _states.Map<string, long>("expiring-map", new StateTtl(TimeSpan.FromMilliseconds(300)));
        _reducing = _states.Reducing<long>("reducing", static (a, b) => a + b);
        _tally = _states.Value<Tally>("tally");
        _timers = _states.Timers("timers", Context.Options.Serializers.Get<TimeWindow>());
        _windows = _states.Table("windows", new WindowSetSerializer<long>(Context.Options.Serializers.Get<long>()));
        _sliceStore = backend.Open(
            slices, strings, sliceState ?? (restored is null ? null : Restored(restored, "slices", slices.KeyGroups)));
        _slices = _sliceStore.Slices("slices", Tally.Serializer);
    }

    public OperatorContext Context { get; }

    public ManualTimers Clock => _clock;

    /// <summary>What was read, in the order of reading.</summary>
    public StringBuilder Output { get; } = new();

    public static OperatorContext ContextOf(StateBackend backend, ManualTimers clock, string uid = "states", KeyGroupRange? groups = null)
    {
        var options = new StreamJobOptions { StateBackend = backend, MaxParallelism = 16 };
        options.Serializers.Register(Tally.Serializer);
        return new OperatorContext("program", uid, uid, 0, 1, 1, groups ?? new KeyGroupRange(0, 15), options, clock, static () => { });
    }

    /// <summary>What a snapshot holds, as bytes of sections.</summary>
    public static string Content(SubtaskSnapshot snapshot)
    {
        var content = new StringBuilder();
        var writer = new StateWriter();
        foreach (var source in snapshot.States.OrderBy(static s => s.OperatorUid + "/" + s.Name, StringComparer.Ordinal))
        {
            for (var group = source.Groups.First; group <= source.Groups.Last; group++)
            {
                writer.Clear();
                source.Write(group, writer);
                if (writer.Length > 0)
                {
                    content.Append(CultureInfo.InvariantCulture, $"{source.OperatorUid}/{source.Name} {source.KeySchema} {source.Schema} {group}: {Convert.ToHexString(writer.WrittenSpan)}\n");
                }
            }
        }

        return content.ToString();
    }

    public static RestoredOperator Restored(SubtaskSnapshot snapshot, string uid, KeyGroupRange groups)
    {
        List<(StateSection, ReadOnlyMemory<byte>)> sections = [];
        foreach (var source in snapshot.States.Where(s => s.OperatorUid == uid))
        {
            var writer = new StateWriter();
            var group = new StateWriter();
            for (var g = source.Groups.First; g <= source.Groups.Last; g++)
            {
                group.Clear();
                source.Write(g, group);
                if (group.Length > 0)
                {
                    writer.WriteVarUInt64((ulong)g);
                    writer.WriteBytes(group.WrittenSpan);
                }
            }

            sections.Add((new StateSection("memory", 0, writer.Length, string.Empty, source.Name, source.Kind, source.KeySchema, source.Schema, source.Groups.First, source.Groups.Last), writer.WrittenSpan.ToArray()));
        }

        return new RestoredOperator(uid, sections, groups);
    }

    public SubtaskSnapshot Freeze(bool isSavepoint = true, long id = 1)
    {
        var snapshot = new SubtaskSnapshot(id, CancellationToken.None, isSavepoint ? "savepoint" : null);
        _states.Snapshot(snapshot);
        _sliceStore.Snapshot(snapshot);
        return snapshot;
    }

    public string Content()
    {
        using var snapshot = Freeze();
        return Content(snapshot);
    }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var key = $"key{_random.Next(Keys)}";
            var hash = _hasher.Hash(key);
            var mine = Context.KeyGroups.Contains(KeyGroups.GroupOf(hash, 16));
            var kind = _random.Next(20);
            var number = _random.Next(8);
            if (mine)
            {
                _states.Current.Set(key, hash);
                Step(kind, number, step, key, hash);
            }

            if (_random.Next(10) == 0)
            {
                _clock.NowMs += _random.Next(40);
            }
        }
    }

    public void Dispose()
    {
        _states.Dispose();
        _sliceStore.Dispose();
    }

    private void Step(int kind, int number, int step, string key, int hash)
    {
        switch (kind)
        {
            case 0: _value.Update(step); break;
            case 1: Say(key, _value.TryGet(out var value), value); break;
            case 2: _expiring.Update($"v{step}"); break;
            case 3: Say(key, _expiring.TryGet(out var expiring), expiring); break;
            case 4: _list.Add($"item{step}"); break;
            case 5: Say(key, true, string.Join(',', _list.Items())); break;
            case 6: _expiringList.Add(step); break;
            case 7: Say(key, true, string.Join(',', _expiringList.Items())); break;
            case 8 or 9: _map.Put(number, $"m{step}"); break;
            case 10: Say(key, _map.Remove(number), _map.TryGet(number + 1, out var mapped) ? mapped : "-"); break;
            case 11: Say(key, true, string.Join(',', _map.Entries().OrderBy(static e => e.Key))); break;
            case 12: _expiringMap.Put($"u{number}", step); break;
            case 13: Say(key, _expiringMap.TryGet($"u{number}", out var left), left); break;
            case 14: _reducing.Add(number); break;
            case 15: ClearOne(number); break;
            case 16: ChangeTally(key, number, step); break;
            case 17: Timers(key, hash, number); break;
            case 18: Windows(key, hash, number); break;
            default: Slices(key, hash, number, step); break;
        }
    }

    private void ClearOne(int number)
    {
        switch (number)
        {
            case 0: _value.Clear(); break;
            case 1: _list.Clear(); break;
            case 2: _map.Clear(); break;
            case 3: _expiringMap.Clear(); break;
            case 4: _list.Update(["fresh", "list"]); break;
            case 5: _reducing.Clear(); break;
            default: Say("cleared", _reducing.TryGet(out var sum), sum); break;
        }
    }

    private void ChangeTally(string key, int number, int step)
    {
        if (!_tally.TryGet(out var tally))
        {
            _tally.Update(new Tally { Sum = number });
            return;
        }

        // In place, as an aggregate does.
        tally.Sum += number;
        tally.Last = $"{key}@{step}";
        Say(key, true, tally.Sum);
    }

    private void Timers(string key, int hash, int number)
    {
        _nowMs += number;
        _timers.Register(new KeyedTimer<string, TimeWindow>(_nowMs + 50 - (number * 9), key, hash, new TimeWindow(number, number + 1)));
        if (number % 3 == 0)
        {
            _timers.Delete(new KeyedTimer<string, TimeWindow>(_nowMs + 10, key, hash, new TimeWindow(1, 2)));
        }

        List<string> fired = [];
        while (number == 7 && _timers.TryTakeDue(_nowMs, out var timer))
        {
            fired.Add($"{timer.TimeMs:D8} {timer.Key} {timer.Namespace.StartMs}");
        }

        // Among equal times the order is of no promise; over time it is.
        Assert.Equal(fired.Select(static f => f[..8]).Order(StringComparer.Ordinal), fired.Select(static f => f[..8]));
        fired.Sort(StringComparer.Ordinal);
        Say("fired", true, string.Join(';', fired));
    }

    private void Windows(string key, int hash, int number)
    {
        if (number == 0)
        {
            Say(key, _windows.Remove(key, hash), "windows");
            return;
        }

        if (_windows.TryGet(key, hash, out var set))
        {
            var open = set.Find(new TimeWindow(number, number + 10)) ?? set.Add(new TimeWindow(number, number + 10));
            open.HasRecords = true;
            open.Accumulator += number;
            Say(key, true, set.Windows.Count);
            return;
        }

        _windows.GetOrAdd(key, hash, out _) = new WindowSet<long>();
    }

    private void Slices(string key, int hash, int number, int step)
    {
        var id = new SliceId((step / 100 * 10) - 20, (step / 100 * 10) - 20 - number % 2);
        var table = _slices.Open(id);
        ref var tally = ref table.GetOrAdd(key, hash, out _);
        tally ??= new Tally();
        tally.Sum += number;
        if (number == 7)
        {
            using var entries = table.Scan();
            List<string> read = [];
            while (entries.MoveNext())
            {
                read.Add($"{entries.Key}={entries.Value.Sum}");
            }

            read.Sort(StringComparer.Ordinal);
            Say("slice", true, string.Join(';', read));
        }

        if (number == 6)
        {
            _slices.Drop(new SliceId(id.StartMs - 30, id.StartMs - 30));
        }
    }

    private void Say(string key, bool found, object? what) => Output.Append(CultureInfo.InvariantCulture, $"{key} {found} {what}\n");
}
