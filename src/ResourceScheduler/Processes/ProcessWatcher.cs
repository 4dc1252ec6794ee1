using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Tells when processes end, children or not, by descriptors of them: no polling, no signal handler. Thread-safe.</summary>
internal sealed unsafe class ProcessWatcher
{
    private const int EventsMax = 64;
    private const int NoSuchProcess = 3;

    // The kernel packs the structure on x86-64 only.
    private static readonly (int Size, int DataAt) Layout = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (12, 4) : (16, 8);

    private readonly ConcurrentDictionary<long, (int Descriptor, TaskCompletionSource End)> _ends = new();
    private long _lastKey;
    private readonly int _epoll;

    private ProcessWatcher()
    {
        _epoll = Native.EpollCreate(Native.CloseOnExec);
        if (_epoll < 0)
        {
            throw new SchedulerException(ErrorKind.Unavailable,
                $"Ends of processes cannot be watched: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        new Thread(Watch) { IsBackground = true, Name = "container ends" }.Start();
    }

    /// <summary>One thread waits for the ends of all containers of this process.</summary>
    public static ProcessWatcher Shared { get; } = new();

    /// <summary>Completes when the process has ended; at once when there is none of that number.</summary>
    public Task EndOf(int pid)
    {
        var descriptor = (int)Native.SystemCall(Native.PidFdOpen, pid, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() == NoSuchProcess ? Task.CompletedTask : throw new SchedulerException(ErrorKind.Unavailable,
                $"The end of process {pid} cannot be watched: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var key = Interlocked.Increment(ref _lastKey);
        _ends[key] = (descriptor, end);
        Span<byte> happening = stackalloc byte[16];
        happening.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(happening, Native.EpollIn);
        BinaryPrimitives.WriteInt64LittleEndian(happening[Layout.DataAt..], key);
        fixed (byte* data = happening)
        {
            if (Native.EpollControl(_epoll, Native.EpollAdd, descriptor, data) != 0)
            {
                _ends.TryRemove(key, out _);
                _ = Native.Close(descriptor);
                throw new SchedulerException(ErrorKind.Unavailable,
                    $"The end of process {pid} cannot be watched: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }

        return end.Task;
    }

    private void Watch()
    {
        var happenings = stackalloc byte[EventsMax * 16];
        while (true)
        {
            var count = Native.EpollWait(_epoll, happenings, EventsMax, -1);
            for (var i = 0; i < count; i++)
            {
                var key = *(long*)(happenings + (i * Layout.Size) + Layout.DataAt);
                if (_ends.TryRemove(key, out var watched))
                {
                    // Closing alone does not take it out of the set: a process that is just being spawned may hold a copy for a moment.
                    _ = Native.EpollControl(_epoll, Native.EpollDelete, watched.Descriptor, happenings);
                    _ = Native.Close(watched.Descriptor);
                    watched.End.TrySetResult();
                }
            }
        }
    }
}
