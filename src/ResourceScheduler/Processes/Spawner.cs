using System.Runtime.InteropServices;
using System.Text;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>
/// Starts a program as the leader of a session of its own, with files for its streams. posix_spawn shares the memory of the caller until
/// the program is there, so the cost does not grow with this process, as a fork's would.
/// </summary>
internal static unsafe class Spawner
{
    private const int ReadOnly = 0;
    private const int AppendOrCreate = 0x1 | 0x40 | 0x400;
    private const uint FileMode = 0x1A4;

    /// <summary>Larger than the structures of any libc.</summary>
    private const int StructureBytes = 1_024;

    public static int Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string folder)
    {
        var memory = (byte*)NativeMemory.AllocZeroed(3 * StructureBytes);
        var attributes = memory;
        var actions = memory + StructureBytes;
        var signals = memory + (2 * StructureBytes);
        var texts = new List<nint>();
        var argv = Texts([program, .. arguments], texts);
        var envp = Texts([.. environment.Select(pair => $"{pair.Key}={pair.Value}")], texts);
        try
        {
            Check(Native.AttributesInit(attributes), program);
            Check(Native.ActionsInit(actions), program);
            Check(Native.AttributesSetFlags(attributes,
                Native.SpawnSetSession | Native.SpawnSetSignalDefaults | Native.SpawnSetSignalMask), program);
            Check(Native.AttributesSetSignalMask(attributes, signals), program);

            // The runtime ignores some signals; what it starts must not. Signals 9 and 19 cannot be set.
            *(uint*)signals = 0x7FFF_FFFF & ~(1U << (Native.SignalKill - 1)) & ~(1U << (Native.SignalStop - 1));
            Check(Native.AttributesSetSignalDefaults(attributes, signals), program);
            Check(Native.ActionsAddFolder(actions, folder), program);
            Check(Native.ActionsAddOpen(actions, 0, "/dev/null", ReadOnly, 0), program);
            Check(Native.ActionsAddOpen(actions, 1, "stdout", AppendOrCreate, FileMode), program);
            Check(Native.ActionsAddOpen(actions, 2, "stderr", AppendOrCreate, FileMode), program);
            Check(Native.Spawn(out var pid, program, actions, attributes, argv, envp), program);
            return pid;
        }
        finally
        {
            _ = Native.ActionsDestroy(actions);
            _ = Native.AttributesDestroy(attributes);
            NativeMemory.Free(memory);
            texts.ForEach(Marshal.FreeHGlobal);
        }
    }

    private static byte** Texts(string[] values, List<nint> allocated)
    {
        var list = Marshal.AllocHGlobal((values.Length + 1) * sizeof(nint));
        allocated.Add(list);
        var pointers = (byte**)list;
        for (var i = 0; i < values.Length; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(values[i] + '\0');
            var text = Marshal.AllocHGlobal(bytes.Length);
            allocated.Add(text);
            Marshal.Copy(bytes, 0, text, bytes.Length);
            pointers[i] = (byte*)text;
        }

        pointers[values.Length] = null;
        return pointers;
    }

    private static void Check(int error, string program)
    {
        if (error != 0)
        {
            throw new SchedulerException(ErrorKind.Unavailable,
                $"'{program}' could not be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }
}
