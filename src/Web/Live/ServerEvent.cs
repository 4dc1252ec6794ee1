namespace DataPlatform.Web.Live;

/// <summary>Something that pages are told.</summary>
/// <param name="Kind">The event's name; empty for the default <c>message</c>.</param>
/// <param name="Data">What it says; several lines stay one event.</param>
public readonly record struct ServerEvent(string Kind, string Data);
