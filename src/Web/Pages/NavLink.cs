namespace DataPlatform.Web.Pages;

/// <summary>An entry of a section's navigation.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Path">Where it leads, from the mount on and without a leading slash; empty for the first page.</param>
public sealed record NavLink(string Text, string Path);
