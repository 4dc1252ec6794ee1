namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An application with the asks it begins with.</summary>
/// <param name="Application">What it is.</param>
/// <param name="Asks">Its stages. <see cref="ContainerAsk.DependsOn"/> names asks of this list by their place in it, from 0, and only
/// earlier ones.</param>
public sealed record ApplicationSubmission(ApplicationSpecification Application, IReadOnlyList<ContainerAsk> Asks);
