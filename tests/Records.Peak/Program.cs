using System.Globalization;
using Records.Peak;

// One job in a process of its own, for tests that hold its peak against a limit: JOB FORMAT FOLDER SIZE, and what the job takes besides. Prints how
// many bytes the process held at most above what it held before, and how many the tensors take.
string job = args[0];
string format = args[1];
string folder = args[2];
var size = Size.Of(args[3]);
string[] more = args[4..];

// Saving needs no file, everything else one of either size, and that of the large state was saved by another process: this one never held it.
var run = Jobs.Of(job, format, folder, [size.Tiny, size], more);
if (job != "save")
    Jobs.Of("save", format, folder, [size.Tiny], more.Contains("half") ? ["half"] : [])(size.Tiny);

// What a first call compiles is no call's to hold.
for (int turn = 0; turn < 3; turn++)
    run(size.Tiny);

long before = Held.Settle();
object? left = run(size);
long peak = Held.Peak() - before;
GC.KeepAlive(left);
GC.KeepAlive(run);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{peak} {size.Bytes}"));
return 0;
