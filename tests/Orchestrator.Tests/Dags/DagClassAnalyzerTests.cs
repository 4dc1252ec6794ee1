using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using DataPlatform.Orchestrator.Dags.TaskFlow;
using DataPlatform.Orchestrator.Generators;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace DataPlatform.Orchestrator.Tests.Dags;

/// <summary>What the compiler says of a class, beside what compiling the class into a DAG says of it.</summary>
public sealed class DagClassAnalyzerTests
{
    private const string Good = """
        [Dag("d", Schedule = "0 6 * * *", Zone = "Europe/Berlin", RunTimeout = "2h")]
        [TaskGroup("each", MapOver = [nameof(Extract)])]
        public sealed class D
        {
            [Task(Retries = 1, Backoff = "5s")] public Task<List<string>> Extract(TaskContext c, CancellationToken t, [Param] int days = 3) => Task.FromResult(new List<string>());
            [Task, MapOver(nameof(Extract))] public int LoadAsync(string file) => 1;
            [Task, Group("each")] public ValueTask<string> Fetch(string file) => new(file);
            [Task, Group("each")] public string Store(string fetch) => fetch;
            [Task] public long Total(IReadOnlyList<long> load, IEnumerable<string> store) => 1;
            [Branch] public string Choose(double total) => nameof(Report);
            [ShortCircuit] public Task<bool> GoOn(object total) => Task.FromResult(true);
            [Sensor("1m", Patience = "6h")] public bool Wait() => true;
            [Task, After(nameof(Choose), "go_on", "each")] public void Report([From(nameof(Total))] long? sum, [Param] string day = "x") { }
            [Task, Setup] public void Open() { }
            [Task, Teardown(nameof(Open))] public void Close() { }
            public void Helper(int anything) { }
        }
        """;

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_class_that_compiles_into_a_dag_has_nothing_wrong() => Assert.Empty(await DiagnosticsAsync(Good));

    [Theory]
    [InlineData("DPO001", "'D.A' names 'nowhere', which is no task or group of 'D'", "[Task, After(\"nowhere\")] public void A() { }")]
    [InlineData("DPO001", "'D.A' names 'x'", "[Task] public void A([From(\"x\")] int b) { }")]
    [InlineData("DPO001", "'D.A' names 'lists'", "[Task, MapOver(\"lists\")] public void A(int item) { }")]
    [InlineData("DPO002", "'other' of 'D.A' names no task of this class", "[Task] public void A(int other) { }")]
    [InlineData("DPO003", "'D.B' waits for itself: b -> a -> b", "[Task] public int A(int b) => b; [Task] public int B(int a) => a;")]
    [InlineData("DPO003", "waits for itself: a -> a", "[Task, After(\"a\")] public void A() { }")]
    [InlineData("DPO004", "'D.B' takes the value of 'D.A' as List<string>, but that is int: a number is not a list", "[Task] public int A() => 1; [Task] public void B(List<string> a) { }")]
    [InlineData("DPO004", "a long does not always fit into a int", "[Task] public long A() => 1; [Task] public void B(int a) { }")]
    [InlineData("DPO004", "but that is nothing: it gives none", "[Task] public void A() { } [Task] public void B(int a) { }")]
    [InlineData("DPO004", "only a list can be mapped over", "[Task] public string A() => \"\"; [Task, MapOver(\"a\")] public void B(char item) { }")]
    [InlineData("DPO004", "'D.B' takes an item of 'D.A' as int, but that is string: a text is not a number", "[Task] public string[] A() => []; [Task, MapOver(\"a\")] public void B(int item) { }")]
    [InlineData("DPO004", "it is mapped, so its values are a list", "[Task] public int[] A() => []; [Task, MapOver(\"a\")] public int B(int item) => item; [Task] public void C(int b) { }")]
    [InlineData("DPO006", "'D.AAsync' and 'D.A' are both the task 'a'", "[Task] public void A() { } [Task] public void AAsync() { }")]
    [InlineData("DPO007", "'D.A' is a branch, so it returns names of tasks, not int", "[Branch] public int A() => 1;")]
    [InlineData("DPO007", "'D.A' is a sensor, so it returns a bool, not string", "[Sensor(\"1m\")] public string A() => \"\";")]
    [InlineData("DPO009", "'lake//a' is no dataset name", "[Task(Outlets = [\"lake//a\"])] public void A() { }")]
    [InlineData("DPO008", "'soon' is no duration", "[Task(Timeout = \"soon\")] public void A() { }")]
    public async Task What_is_wrong_is_said_in_the_compiler_and_when_the_class_is_compiled(string id, string message, string members)
    {
        var source = $"[Dag(\"d\")] public sealed class D {{ {members} }}";

        var diagnostic = Assert.Single(await DiagnosticsAsync(source));

        Assert.Equal(id, diagnostic.Id);
        Assert.Contains(message, diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.NotEmpty(DagClass.Check(Load(source)));
    }

    [Fact]
    public void What_the_compiler_lets_pass_compiles()
    {
        var type = Load(Good);

        Assert.Empty(DagClass.Check(type));
        var dag = Assert.Single(DagClass.All(type.Assembly, (found, _) => Activator.CreateInstance(found)!));
        Assert.Equal(("d", 11), (dag.Id, dag.Tasks.Count));
    }

    [Theory]
    [InlineData("61 * * * *", "'61' is no minute; those are 0 to 59")]
    [InlineData("0 6 * *", "it has 4 fields")]
    [InlineData("0 0 30 2 *", "it never fires")]
    [InlineData("0 0 31 2,4,6,9,11 *", "it never fires")]
    [InlineData("0 0 * FOO *", "'FOO' is no month")]
    [InlineData("0 0 1-32 * *", "'1-32' is no day of month")]
    [InlineData("0 6 * * *", null)]
    [InlineData("*/5 8-18 * * MON-FRI", null)]
    [InlineData("0 0 29 2 *", null)]
    [InlineData("0 0 L * *", null)]
    [InlineData("0 0 * * 5#2", null)]
    [InlineData("0 0 15W * *", null)]
    [InlineData("30 0 0 1 1,7 ?", null)]
    [InlineData("@daily", null)]
    [InlineData("0 22-2 * * *", null)]
    public async Task A_cron_line_is_judged_as_the_timetable_judges_it(string line, string? reason)
    {
        var diagnostics = await DiagnosticsAsync($"[Dag(\"d\", Schedule = \"{line}\")] public sealed class D {{ [Task] public void A() {{ }} }}");
        var call = await DiagnosticsAsync($"public static class E {{ public static object F() => DataPlatform.Orchestrator.Schedules.Timetable.Cron(\"{line}\"); }}");

        Assert.Equal(reason is null, diagnostics.Length == 0);
        Assert.Equal(reason is null, call.Length == 0);
        Assert.All(diagnostics.Concat(call), diagnostic =>
            Assert.Contains(reason!, diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.Equal(reason is null, CanFire(line));
    }

    private static bool CanFire(string line)
    {
        try
        {
            return TimetablePlan.EverFires(Timetable.Cron(line), null);
        }
        catch (TimetableException)
        {
            return false;
        }
    }

    private static async Task<ImmutableArray<Diagnostic>> DiagnosticsAsync(string source) =>
        await Compile(source).WithAnalyzers([new DagClassAnalyzer()]).GetAnalyzerDiagnosticsAsync(Token);

    private static Type Load(string source)
    {
        using var image = new MemoryStream();
        var result = Compile(source).Emit(image, cancellationToken: Token);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)));
        return Assembly.Load(image.ToArray()).GetType("Snippets.D")!;
    }

    private static CSharpCompilation Compile(string source)
    {
        const string usings = "using System; using System.Collections.Generic; using System.Threading; using System.Threading.Tasks; " +
            "using DataPlatform.Orchestrator.Dags; using DataPlatform.Orchestrator.Dags.TaskFlow; using DataPlatform.Orchestrator.Execution;\nnamespace Snippets;\n";
        return CSharpCompilation.Create(
            $"Snippet{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(usings + source, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest),
                path: "snippet.cs", cancellationToken: Token)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
