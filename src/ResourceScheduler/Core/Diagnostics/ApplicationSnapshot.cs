using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>One application at one moment.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Queue">Its leaf.</param>
/// <param name="User">Its user.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Used">What its containers hold.</param>
/// <param name="Running">Containers that run.</param>
/// <param name="Pending">Containers that wait, those that may not be placed yet included.</param>
public sealed record ApplicationSnapshot(
    long Id, string Name, string Queue, string User, ApplicationState State, ResourceVector Used, int Running, int Pending);
