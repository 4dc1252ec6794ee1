namespace DataPlatform.Kernel.Storage;

/// <summary>What a store knows of an object without reading it.</summary>
/// <param name="Path">The object's path in the store, <c>/</c>-separated, without a leading <c>/</c>.</param>
/// <param name="SizeBytes">Its length in bytes.</param>
/// <param name="LastModified">When it was written, UTC, by the store's clock.</param>
public readonly record struct ObjectInfo(string Path, long SizeBytes, DateTimeOffset LastModified);
