using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>Says while code is written what compiling a class with <c>[Dag]</c> would say when the program starts, and finds cron lines
/// in calls of <c>Timetable.Cron</c> that cannot be.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DagClassAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        DagDiagnostics.UnknownTask, DagDiagnostics.UnknownParameter, DagDiagnostics.Cycle, DagDiagnostics.WrongType,
            DagDiagnostics.WrongCron,
        DagDiagnostics.SameName, DagDiagnostics.WrongResult, DagDiagnostics.WrongDuration, DagDiagnostics.WrongDataset,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(AnalyzeClass, SymbolKind.NamedType);
        context.RegisterOperationAction(AnalyzeCall, OperationKind.Invocation);
    }

    private static void AnalyzeClass(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (AttributeNames.Find(type, "Dag") is { } settings)
        {
            new DagClassCheck(type, settings, context.ReportDiagnostic).Run();
        }
    }

    private static void AnalyzeCall(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is not { Name: "Cron" or "CronPoint", ContainingType.Name: "Timetable" } ||
            call.TargetMethod.ContainingNamespace.ToDisplayString() != "DataPlatform.Orchestrator.Schedules")
        {
            return;
        }

        var argument = call.Arguments.FirstOrDefault(candidate => candidate.Parameter?.Ordinal == 0);
        if (argument?.Value.ConstantValue is { HasValue: true, Value: string line } && CronText.WhyNot(line) is { } reason)
        {
            context.ReportDiagnostic(Diagnostic.Create(DagDiagnostics.WrongCron, argument.Syntax.GetLocation(), line, reason));
        }
    }
}
