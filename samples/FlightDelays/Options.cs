using System.Globalization;

namespace DataPlatform.Samples.FlightDelays;

/// <summary>What the command line asks for.</summary>
public sealed record Options
{
    /// <summary>The text of <c>--help</c>.</summary>
    public const string Usage = """
        FlightDelays: 508,239 flights through all five engines, and a proof that nothing was lost.

        usage: dotnet run -c Release --project samples/FlightDelays [-- OPTIONS]

          --fresh          start over; without it a run resumes what an earlier one left
          --break          inject a bad batch: the gate fails, mart and report do not run, exit code 3
          --speed FACTOR   replay at so many times real time; default: max
          --rows N         only the first N arrivals
          --out FOLDER     where databases, lake and report go; default: out/FlightDelays below the current folder
          --data FOLDER    where the input files are; default: beside the program
          --parallelism N  subtasks per operator, 1 to 32; default: 2
          --help           this text

        exit codes: 0 proved · 1 the stream differs from the batch, or an error · 2 wrong arguments · 3 the quality gate failed
        """;

    /// <summary>Whether to delete what an earlier run left.</summary>
    public bool Fresh { get; private init; }

    /// <summary>Whether to inject a bad batch.</summary>
    public bool Break { get; private init; }

    /// <summary>Whether only the usage was asked for.</summary>
    public bool Help { get; private init; }

    /// <summary>Replay speed as a multiple of real time; null for as fast as possible.</summary>
    public double? Speed { get; private init; }

    /// <summary>How many arrivals at most.</summary>
    public long RowsMax { get; private init; } = long.MaxValue;

    /// <summary>Where everything the run makes goes.</summary>
    public string OutFolder { get; private init; } = Path.Combine("out", "FlightDelays");

    /// <summary>Where the input is.</summary>
    public string DataFolder { get; private init; } = Path.Combine(AppContext.BaseDirectory, "Data");

    /// <summary>Subtasks per operator.</summary>
    public int Parallelism { get; private init; } = 2;

    /// <summary>Reads a command line.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or its value unusable.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value; see --help.");
            options = name switch
            {
                "--fresh" => options with { Fresh = true },
                "--break" => options with { Break = true },
                "--help" or "-h" => options with { Help = true },
                "--speed" => options with { Speed = ParseSpeed(Value()) },
                "--rows" => options with { RowsMax = ParseNumber(name, Value(), long.MaxValue) },
                "--out" => options with { OutFolder = Value() },
                "--data" => options with { DataFolder = Value() },
                "--parallelism" => options with { Parallelism = (int)ParseNumber(name, Value(), 32) },
                _ => throw new ArgumentException($"There is no option '{name}'; see --help."),
            };
        }

        return options;
    }

    private static double? ParseSpeed(string text) => text switch
    {
        "max" => null,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor > 0 && double.IsFinite(factor) => factor,
        _ => throw new ArgumentException($"--speed takes 'max' or a factor above 0, not '{text}'."),
    };

    private static long ParseNumber(string name, string text, long maximum)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= maximum
            ? number
            : throw new ArgumentException($"{name} takes a whole number of at least 1{(maximum < long.MaxValue ? $" and at most {maximum}" : string.Empty)}, not '{text}'.");
}
