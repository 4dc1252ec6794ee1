using System.Collections;
using System.Reflection;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler.Tests.Recovery;

public sealed class EventCodecTests
{
    private static readonly ContainerWork.Command Work = new("/bin/echo", ["a", "b"])
    {
        Environment = new Dictionary<string,
        string>
        { ["K"] = "v" }
    };

    public static TheoryData<string> EventKinds => [.. typeof(SchedulerEvent).GetNestedTypes().Select(type => type.Name)];

    /// <summary>A member that a new version adds and the codec forgets would be lost at a failover: every member must change the
    /// bytes.</summary>
    [Theory]
    [MemberData(nameof(EventKinds))]
    public void Every_member_of_an_event_is_written_and_read_back(string kind)
    {
        var type = typeof(SchedulerEvent).GetNestedType(kind)!;
        var plain = (SchedulerEvent)Make(type, full: false);
        foreach (var property in Members(type))
        {
            var changed = (SchedulerEvent)Changed(plain, property, Value(property, full: true));
            Assert.False(Bytes(plain).AsSpan().SequenceEqual(Bytes(changed)), $"{kind}.{property.Name} is not in the log.");
            Equivalent(property.GetValue(changed), property.GetValue(Read(Bytes(changed))), $"{kind}.{property.Name}");
        }
    }

    [Fact]
    public void Every_setting_of_asks_applications_and_nodes_is_written_and_read_back()
    {
        Settings(new ContainerAsk(new ResourceVector(1, 2)), ask => new SchedulerEvent.ContainersAsked(5, 1, 2, ask), e => e.Ask);
        Settings(new ApplicationSpecification("n", "q", "u"), application => new SchedulerEvent.ApplicationSubmitted(5, 1, application),
            e => e.Application);
        Settings(new NodeProperties(), node => new SchedulerEvent.NodePropertiesChanged(5, "n", node), e => e.Properties);
    }

    [Fact]
    public void Every_setting_of_a_queue_and_of_the_scheduler_survives()
    {
        foreach (var property in Members(typeof(QueueOptions)))
        {
            var options = (QueueOptions)Changed(new QueueOptions(), property, Value(property, full: true));
            var tree = new QueueTree([KeyValuePair.Create("root", new QueueOptions { Max = ResourceVector.Unbounded }),
                KeyValuePair.Create("root.a", options)]);
            var read = ConfigurationText.ReadQueues(ConfigurationText.Write(tree)).Find("root.a")!.Options;
            Equivalent(property.GetValue(options), property.GetValue(read), property.Name);
        }

        foreach (var property in Members(typeof(SchedulerOptions)))
        {
            var options = (SchedulerOptions)Changed(new SchedulerOptions(), property, Value(property, full: true));
            var read = ConfigurationText.ReadOptions(ConfigurationText.Write(options));
            Equivalent(property.GetValue(options), property.GetValue(read), property.Name);
        }
    }

    [Fact]
    public void A_kind_or_a_version_from_the_future_is_refused_by_name()
    {
        var bytes = Bytes(new SchedulerEvent.Tick(5));
        bytes[0] = 200;
        Assert.Contains("kind 200", Assert.Throws<FormatException>(() => Read(bytes)).Message, StringComparison.Ordinal);
        bytes[0] = 1;
        bytes[1] = 9;
        Assert.Contains("version 9", Assert.Throws<FormatException>(() => Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_cut_anywhere_never_pass_for_an_event()
    {
        var bytes = Bytes(new SchedulerEvent.ContainersAsked(5, 1, 2, new ContainerAsk(new ResourceVector(1, 2), 3)
        {
            Priority = 4,
            Work = Work
        }));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.ThrowsAny<FormatException>(() => Read(bytes[..length]));
        }
    }

    private static void Settings<TSettings, TEvent>(TSettings plain, Func<TSettings, TEvent> wrap, Func<TEvent, TSettings> unwrap)
        where TSettings : class
        where TEvent : SchedulerEvent
    {
        foreach (var property in Members(typeof(TSettings)))
        {
            var changed = (TSettings)Changed(plain, property, Value(property, full: true));
            var read = unwrap((TEvent)Read(Bytes(wrap(changed))));
            Equivalent(property.GetValue(changed), property.GetValue(read), $"{typeof(TSettings).Name}.{property.Name}");
        }
    }

    private static void Equivalent(object? expected, object? actual, string what)
    {
        if (expected is QueueTree tree)
        {
            Assert.Equal(tree.Queues.Select(queue => queue.Path), ((QueueTree)actual!).Queues.Select(queue => queue.Path));
        }
        else
        {
            Assert.True(Text(expected) == Text(actual), $"{what}: {Text(expected)} came back as {Text(actual)}.");
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        IDictionary map => string.Join(',', map.Keys.Cast<object>().Select(key => $"{key}={map[key]}")),
        IEnumerable items => $"[{string.Join(',', items.Cast<object>().Select(Text))}]",
        IFormattable or bool or Enum or ResourceVector => value.ToString()!,
        _ => string.Join(';', Members(value.GetType()).Select(property => $"{property.Name}:{Text(property.GetValue(value))}")),
    };

    private static IEnumerable<PropertyInfo> Members(Type type)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static object Make(Type type, bool full)
    {
        var constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Sample(parameter.ParameterType, full))]);
    }

    private static object Changed(object record, PropertyInfo property, object? value)
    {
        var copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        property.SetValue(copy, value);
        return copy;
    }

    private static object? Value(PropertyInfo property, bool full) => property.Name switch
    {
        // Values other than the default that the rules of a queue tree allow.
        nameof(QueueOptions.Min) when property.PropertyType == typeof(ResourceVector) => new ResourceVector(7, 9),
        nameof(QueueOptions.Max) when property.PropertyType == typeof(ResourceVector) => new ResourceVector(70, 90) with { GpuMillis = 7 },
        _ when property.PropertyType == typeof(double) => 0.25,
        _ => Sample(property.PropertyType, full),
    };

    private static object? Sample(Type type, bool full)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        return value == typeof(string) ? (full ? "text" : "")
            : value == typeof(long) ? (full ? 77L : 0L)
            : value == typeof(int) ? (full ? 77 : 0)
            : value == typeof(bool) ? full
            : value == typeof(double) ? (full ? 0.375 : 0.0)
            : value == typeof(TimeSpan) ? TimeSpan.FromSeconds(full ? 7 : 0)
            : value.IsEnum ? Enum.GetValues(value).GetValue(full ? 1 : 0)
            : value == typeof(ResourceVector) ? (full ? new ResourceVector(7, 9, 11, [KeyValuePair.Create("disk", 3L)]) : default)
            : value == typeof(ContainerWork.Command) ? (full ? Work : null)
            : value == typeof(NodeProperties) ? (full ? new NodeProperties
            {
                Rack = "r",
                Attributes = new Dictionary<string,
                string>
                { ["a"] = "b" }
            } : NodeProperties.None)
            : value == typeof(IReadOnlyDictionary<string, string>) ? (full ? new Dictionary<string, string> { ["a"] = "b" }
                : new Dictionary<string, string>())
            : value == typeof(IReadOnlyDictionary<string, double>) ? new Dictionary<string, double> { ["a"] = 0.5 }
            : value == typeof(IReadOnlyDictionary<string, LabelShare>) ? new Dictionary<string, LabelShare> { ["a"] = new(0.25, 0.5) }
            : value == typeof(IReadOnlyList<string>) ? (full ? new[] { "one", "two" } : [])
            : value == typeof(IReadOnlyList<long>) ? (full ? new[] { 7L, 8L } : null)
            : value == typeof(IReadOnlyList<AttributeRule>) ? new[] { new AttributeRule("k", AttributeComparison.NotIn, "v") }
            : value == typeof(IReadOnlyList<EndedContainer>) ? (full ? new[] { new EndedContainer(7, ContainerOutcome.Lost) }
                : Array.Empty<EndedContainer>())
            : value == typeof(AccessList) ? new AccessList(["ana"]) { Groups = ["staff"] }
            : value == typeof(QueueTree) ? QueueTree.Define().Queue(full ? "root.full" : "root.a").Build()
            : value == typeof(ContainerAsk) ? new ContainerAsk(new ResourceVector(1, full ? 2 : 1))
            : value == typeof(ApplicationSpecification) ? new ApplicationSpecification(full ? "full" : "n", "q", "u")
            : Make(value, full);
    }

    private static byte[] Bytes(SchedulerEvent schedulerEvent)
    {
        var writer = new ByteWriter();
        EventCodec.Write(writer, schedulerEvent, 3);
        return writer.ToArray();
    }

    private static SchedulerEvent Read(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        return EventCodec.Read(ref reader, 3);
    }
}
