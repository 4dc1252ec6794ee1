using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// The state of one subtask as a file. Layout:
///   0  4 bytes  "DPST"
///   4  u32      version, 1
///   8  ...      sections, back to back; the manifest says where each lies and holds its checksum
/// A section holds a run of key groups: { group, length, bytes }, numbers of variable length.
/// </summary>
internal static class StateFile
{
    private const int SectionBytesTarget = 4 << 20;

    private static ReadOnlySpan<byte> Header => "DPST\u0001\0\0\0"u8;

    public static async ValueTask<IReadOnlyList<(string OperatorUid, StateSection Section)>> WriteAsync(
        IObjectStore store, string path, IReadOnlyList<StateSource> states, CancellationToken cancellationToken)
    {
        if (states.Count == 0)
        {
            return [];
        }

        var target = await store.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var writer = new SectionWriter(path, target.Stream);
            foreach (var state in states)
            {
                await writer.WriteAsync(state, cancellationToken).ConfigureAwait(false);
            }

            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return writer.Sections;
        }
    }

    /// <exception cref="StreamJobException">The file is missing, short or damaged.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        IObjectStore store, StateSection section, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body;
        try
        {
            var header = await store.GetRangeAsync(section.File, 0, Header.Length, cancellationToken).ConfigureAwait(false);
            if (!header.Span.SequenceEqual(Header))
            {
                throw new StreamJobException(ErrorKind.Corrupt, $"'{section.File}' is not a state file of version 1.");
            }

            body = await store.GetRangeAsync(section.File, section.Offset, section.Length, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw new StreamJobException(ErrorKind.Corrupt, $"State '{section.State}' cannot be read: {e.Message} Restore from an older checkpoint.", e);
        }

        return ManifestCodec.Checksum(body.Span).Equals(section.Checksum, StringComparison.Ordinal)
            ? body
            : throw new StreamJobException(
                ErrorKind.Corrupt,
                string.Create(CultureInfo.InvariantCulture, $"'{section.File}' is damaged at bytes {section.Offset} to {section.Offset + section.Length}, state '{section.State}': the checksum does not match. Restore from an older checkpoint."));
    }

    private sealed class SectionWriter(string path, Stream stream)
    {
        private readonly StateWriter _body = new();
        private readonly StateWriter _group = new();
        private long _offset;

        public List<(string OperatorUid, StateSection Section)> Sections { get; } = [];

        public async ValueTask WriteAsync(StateSource state, CancellationToken cancellationToken)
        {
            if (_offset == 0)
            {
                await stream.WriteAsync(Header.ToArray(), cancellationToken).ConfigureAwait(false);
                _offset = Header.Length;
            }

            var first = state.Groups.First;
            for (var group = state.Groups.First; group <= state.Groups.Last; group++)
            {
                _group.Clear();
                Write(state, group);
                if (_group.Length > 0)
                {
                    _body.WriteVarUInt64((ulong)group);
                    _body.WriteBytes(_group.WrittenSpan);
                }

                if (_body.Length >= SectionBytesTarget || (group == state.Groups.Last && _body.Length > 0))
                {
                    await CutAsync(state, first, group, cancellationToken).ConfigureAwait(false);
                    first = group + 1;
                }
            }
        }

        private void Write(StateSource state, int group)
        {
            try
            {
                state.Write(group, _group);
            }
            catch (Exception e) when (e is not StreamJobException)
            {
                throw new StreamJobException(
                    ErrorKind.Invalid, $"State '{state.Name}' of operator '{state.OperatorUid}' could not be written to '{path}': its serialiser ({state.Schema}) failed: {e.Message}", e);
            }
        }

        private async ValueTask CutAsync(StateSource state, int firstGroup, int lastGroup, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(_body.WrittenMemory, cancellationToken).ConfigureAwait(false);
            Sections.Add((state.OperatorUid, new StateSection(
                path, _offset, _body.Length, ManifestCodec.Checksum(_body.WrittenSpan), state.Name, state.Kind, state.KeySchema, state.Schema, firstGroup, lastGroup)));
            _offset += _body.Length;
            _body.Clear();
        }
    }
}
