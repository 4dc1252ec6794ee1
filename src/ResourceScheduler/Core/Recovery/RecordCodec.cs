using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>The records that events and saved states hold, as bytes. Each begins with its own version.</summary>
internal static class RecordCodec
{
    private const byte Version = 1;

    public static void Write(ByteWriter writer, ApplicationSpecification application)
    {
        writer.Byte(Version);
        writer.Text(application.Name);
        writer.Text(application.Queue);
        writer.Text(application.User);
        writer.Number(application.Priority);
        writer.Flag(application.Master is not null);
        if (application.Master is { } master)
        {
            writer.Vector(master);
        }

        writer.Number(application.MasterRetriesMax);
        writer.Texts(application.Tags);
        writer.Flag(application.IsAttached);
        writer.Flag(application.EndsWithAsks);
        Write(writer, application.MasterWork);
        writer.Texts(application.Groups);
    }

    public static ApplicationSpecification ReadApplication(ref ByteReader reader)
    {
        EnsureVersion(reader.Byte(), "application");
        return new ApplicationSpecification(reader.Text(), reader.Text(), reader.Text())
        {
            Priority = reader.Int32(),
            Master = reader.Flag() ? reader.Vector() : null,
            MasterRetriesMax = reader.Int32(),
            Tags = reader.Texts(),
            IsAttached = reader.Flag(),
            EndsWithAsks = reader.Flag(),
            MasterWork = ReadCommand(ref reader),
            Groups = reader.Texts(),
        };
    }

    /// <summary>What differs from the default is written, found by a set of bits: most asks are plain.</summary>
    public static void Write(ByteWriter writer, ContainerAsk ask)
    {
        writer.Byte(Version);
        writer.Vector(ask.Resources);
        writer.Number(ask.Count);
        var plain = new ContainerAsk(ask.Resources, ask.Count) == ask;
        writer.Flag(plain);
        if (plain)
        {
            return;
        }

        writer.Number(ask.Priority);
        writer.Text(ask.NodeLabel);
        writer.Unsigned((ulong)ask.Attributes.Count);
        foreach (var rule in ask.Attributes)
        {
            writer.Text(rule.Name);
            writer.Byte((byte)rule.Comparison);
            writer.Texts(rule.Values);
        }

        writer.Texts(ask.PreferredNodes);
        writer.Texts(ask.PreferredRacks);
        writer.Number(ask.LocalityDelayMs);
        writer.Flag(ask.IsStrictlyLocal);
        writer.Number(ask.PerNodeMax);
        writer.OptionalText(ask.NearTag);
        writer.OptionalText(ask.AwayFromTag);
        WriteLife(writer, ask);
    }

    public static ContainerAsk ReadAsk(ref ByteReader reader)
    {
        EnsureVersion(reader.Byte(), "ask");
        var ask = new ContainerAsk(reader.Vector(), reader.Int32());
        if (reader.Flag())
        {
            return ask;
        }

        ask = ask with
        {
            Priority = reader.Int32(),
            NodeLabel = reader.Text(),
            Attributes = ReadRules(ref reader),
            PreferredNodes = reader.Texts(),
            PreferredRacks = reader.Texts(),
            LocalityDelayMs = reader.Number(),
            IsStrictlyLocal = reader.Flag(),
            PerNodeMax = reader.Int32(),
            NearTag = reader.OptionalText(),
            AwayFromTag = reader.OptionalText(),
        };
        return ReadLife(ref reader, ask);
    }

    public static void Write(ByteWriter writer, NodeProperties properties)
    {
        writer.Byte(Version);
        writer.Text(properties.Label);
        writer.Flag(properties.IsShareable);
        writer.Pairs(properties.Attributes);
        writer.Text(properties.Rack);
    }

    public static NodeProperties ReadProperties(ref ByteReader reader)
    {
        EnsureVersion(reader.Byte(), "node");
        return new NodeProperties
        {
            Label = reader.Text(),
            IsShareable = reader.Flag(),
            Attributes = reader.Pairs(),
            Rack = reader.Text(),
        };
    }

    public static void WriteNumbers(ByteWriter writer, IReadOnlyCollection<long> numbers)
    {
        writer.Unsigned((ulong)numbers.Count);
        foreach (var number in numbers)
        {
            writer.Number(number);
        }
    }

    public static long[] ReadNumbers(ref ByteReader reader)
    {
        var numbers = new long[reader.Count()];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.Number();
        }

        return numbers;
    }

    private static void WriteLife(ByteWriter writer, ContainerAsk ask)
    {
        writer.Flag(ask.IsGang);
        writer.Number(ask.GangTimeLimitMs);
        writer.Number(ask.ExpectedRunMs);
        writer.Number(ask.RetriesMax);
        writer.Flag(ask.IsRequeued);
        writer.Flag(ask.Speculation is not null);
        if (ask.Speculation is { } speculation)
        {
            writer.Double(speculation.Quantile);
            writer.Double(speculation.Multiplier);
            writer.Number(speculation.RunTimeMin.Ticks);
        }

        WriteNumbers(writer, ask.DependsOn);
        writer.Byte(ask.NodeChoice is { } choice ? (byte)(1 + (int)choice) : (byte)0);
        Write(writer, ask.Work);
    }

    private static ContainerAsk ReadLife(ref ByteReader reader, ContainerAsk ask)
    {
        ask = ask with
        {
            IsGang = reader.Flag(),
            GangTimeLimitMs = reader.Number(),
            ExpectedRunMs = reader.Number(),
            RetriesMax = reader.Int32(),
            IsRequeued = reader.Flag(),
            Speculation = reader.Flag()
                ? new Speculation
                {
                    Quantile = reader.Double(),
                    Multiplier = reader.Double(),
                    RunTimeMin = TimeSpan.FromTicks(reader.Number()),
                }
                : null,
            DependsOn = ReadNumbers(ref reader),
        };
        var choice = reader.Byte();
        return ask with { NodeChoice = choice == 0 ? null : (NodeChoice)(choice - 1), Work = ReadCommand(ref reader) };
    }

    private static AttributeRule[] ReadRules(ref ByteReader reader)
    {
        var rules = new AttributeRule[reader.Count()];
        for (var i = 0; i < rules.Length; i++)
        {
            rules[i] = new AttributeRule(reader.Text(), (AttributeComparison)reader.Byte(), reader.Texts());
        }

        return rules;
    }

    private static void Write(ByteWriter writer, ContainerWork.Command? command)
    {
        writer.Flag(command is not null);
        if (command is not null)
        {
            writer.Text(command.FileName);
            writer.Texts(command.Arguments);
            writer.Pairs(command.Environment);
        }
    }

    private static ContainerWork.Command? ReadCommand(ref ByteReader reader)
        => reader.Flag() ? new ContainerWork.Command(reader.Text(), reader.Texts()) { Environment = reader.Pairs() } : null;

    private static void EnsureVersion(byte version, string what)
    {
        if (version is 0 or > Version)
        {
            throw new FormatException($"an {what} record has version {version}, which a newer program wrote");
        }
    }
}
