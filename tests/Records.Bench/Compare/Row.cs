using System.Text.Json.Serialization;

namespace Records.Bench.Compare;

/// <summary>A job to time, with what to time it against and how it should come out.</summary>
/// <param name="Job">What a person calls it.</param>
/// <param name="Size">The state.</param>
/// <param name="Words">What the child is told: job, format, and options after the folder.</param>
/// <param name="Peer">The peer's name.</param>
/// <param name="Run">Runs the peer once in that folder; null when it is not here.</param>
/// <param name="Goal">The most that ours / peer may be; null where nothing is asked.</param>
/// <param name="SaveWithPeer">Has the peer write in that folder what both are to read; null where it reads nothing.</param>
internal sealed record Comparison(
    string Job,
    Size Size,
    IReadOnlyList<string> Words,
    string Peer,
    Func<string, PeerRun?> Run,
    double? Goal,
    Action<string>? SaveWithPeer = null);

/// <summary>A line of the table: medians, in seconds and MiB above the process before the call.</summary>
internal sealed record Row(
    [property: JsonPropertyName("job")] string Job,
    [property: JsonPropertyName("mib")] double Mib,
    [property: JsonPropertyName("ours_s")] double OursSeconds,
    [property: JsonPropertyName("peer")] string Peer,
    [property: JsonPropertyName("peer_s")] double? PeerSeconds,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("goal")] double? Goal,
    [property: JsonPropertyName("ours_peak_mib")] double OursPeak,
    [property: JsonPropertyName("peer_peak_mib")] double? PeerPeak,
    [property: JsonPropertyName("first_s")] double FirstSeconds,
    [property: JsonPropertyName("peer_clone_s")] double? PeerCloning = null,
    [property: JsonPropertyName("peer_convert_s")] double? PeerConverting = null,
    [property: JsonPropertyName("size_ratio")] double? SizeRatio = null);

/// <summary>What a run gives to programs.</summary>
internal sealed record Report(
    [property: JsonPropertyName("machine")] string Machine,
    [property: JsonPropertyName("rows")] IReadOnlyList<Row> Rows);
