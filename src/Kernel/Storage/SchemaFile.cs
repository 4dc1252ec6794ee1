namespace DataPlatform.Kernel.Storage;

/// <summary>Whose SQLite file it is, so that one engine does not make its tables in the file of another program.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="ApplicationId">The mark in the file's header (SQLite's <c>application_id</c>), by which <c>file</c> and we know it.</param>
/// <param name="Owner">The engine, for messages: "the orchestrator".</param>
/// <param name="Refuse">Makes the engine's error from a message.</param>
/// <param name="UnmarkedTable">A table by which files are known that were made before they were marked; null when all are marked.</param>
public sealed record SchemaFile(
    string Path, int ApplicationId, string Owner, Func<string, DataPlatformException> Refuse, string? UnmarkedTable = null);
