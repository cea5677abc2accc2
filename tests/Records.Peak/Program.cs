using System.Globalization;
using Records.Peak;

// One job in a process of its own, for tests that hold its peak against a limit: JOB FORMAT FOLDER SIZE, and what the job takes besides. Prints how
// many bytes the process held at most above what it held before, and how many the tensors take. "pages" is a load that prints how many bytes more lie in
// large pages after it, how many the tensors take, and 1 where the system would have given as many large pages right before, 0 where not.
string job = args[0];
string format = args[1];
string folder = args[2];
var size = Size.Of(args[3]);
string[] more = args[4..];

// Saving needs no file, everything else one of either size, and that of the large state was saved by another process: this one never held it.
bool isPages = job == "pages";
var run = Jobs.Of(isPages ? "load" : job, format, folder, [size.Tiny, size], more);
if (job != "save")
    Jobs.Of("save", format, folder, [size.Tiny], more.Contains("half") ? ["half"] : [])(size.Tiny);

// What a first call compiles is no call's to hold.
for (int turn = 0; turn < 3; turn++)
    run(size.Tiny);

long before = Held.Settle();
int given = isPages && LargePages.Given(size.Bytes) ? 1 : 0;
long largeBefore = isPages ? LargePages.Held() : 0;
object? left = run(size);
string told = isPages
    ? string.Create(CultureInfo.InvariantCulture, $"{LargePages.Held() - largeBefore} {size.Bytes} {given}")
    : string.Create(CultureInfo.InvariantCulture, $"{Held.Peak() - before} {size.Bytes}");
GC.KeepAlive(left);
GC.KeepAlive(run);
Console.WriteLine(told);
return 0;
