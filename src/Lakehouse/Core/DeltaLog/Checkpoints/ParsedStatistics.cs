using System.Globalization;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Statistics that a checkpoint holds as typed columns (<c>stats_parsed</c>), put into the JSON form that adds carry.</summary>
internal static class ParsedStatistics
{
    public static string? ToJson(IArrowArray? stats, int row)
    {
        if (stats is null || stats.IsNull(row))
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            Write(writer, stats, row);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter writer, IArrowArray array, int row)
    {
        if (array.IsNull(row))
        {
            writer.WriteNullValue();
            return;
        }

        switch (array)
        {
            case StructArray structure: WriteStruct(writer, structure, row); break;
            case Int64Array numbers: writer.WriteNumberValue(numbers.GetValue(row)!.Value); break;
            case Int32Array numbers: writer.WriteNumberValue(numbers.GetValue(row)!.Value); break;
            case Int16Array numbers: writer.WriteNumberValue(numbers.GetValue(row)!.Value); break;
            case Int8Array numbers: writer.WriteNumberValue(numbers.GetValue(row)!.Value); break;
            case DoubleArray numbers: WriteFloat(writer, numbers.GetValue(row)!.Value); break;
            case FloatArray numbers: WriteFloat(writer, numbers.GetValue(row)!.Value); break;
            case Decimal128Array numbers: writer.WriteRawValue(numbers.GetString(row)!); break;
            case BooleanArray flags: writer.WriteBooleanValue(flags.GetValue(row)!.Value); break;
            case StringArray texts: writer.WriteStringValue(texts.GetString(row)); break;
            case Date32Array dates:
                writer.WriteStringValue(DateOnly.FromDayNumber(dates.GetValue(row)!.Value + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)
                    .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case TimestampArray times: writer.WriteStringValue(Time(times, row)); break;
            default: writer.WriteNullValue(); break;
        }
    }

    private static void WriteStruct(Utf8JsonWriter writer, StructArray structure, int row)
    {
        var type = (StructType)structure.Data.DataType;
        writer.WriteStartObject();
        for (var i = 0; i < type.Fields.Count; i++)
        {
            // A null here means that the writer gave no value, which JSON statistics express by leaving the field out.
            if (!structure.Fields[i].IsNull(row))
            {
                writer.WritePropertyName(type.Fields[i].Name);
                Write(writer, structure.Fields[i], row);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteFloat(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string Time(TimestampArray times, int row)
    {
        var type = (TimestampType)times.Data.DataType;
        var value = times.GetValue(row)!.Value;
        var ticks = type.Unit switch
        {
            TimeUnit.Millisecond => value * TimeSpan.TicksPerMillisecond,
            TimeUnit.Microsecond => value * TimeSpan.TicksPerMicrosecond,
            TimeUnit.Nanosecond => value / TimeSpan.NanosecondsPerTick,
            _ => value * TimeSpan.TicksPerSecond,
        };
        var time = DateTime.UnixEpoch.AddTicks(ticks).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(type.Timezone) ? time : time + "Z";
    }
}
