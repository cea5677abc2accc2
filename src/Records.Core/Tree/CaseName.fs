namespace Records.Core

open System.Collections.Concurrent

/// Those names that were asked for before.
[<AbstractClass; Sealed>]
type private CaseNames<'T when 'T: equality and 'T: not null> private () =
    static member val Known = ConcurrentDictionary<'T, string>()

/// Cases that hold nothing by their names in the source: "Native". F# finds a name by reflection, which takes longer than
/// reading a tensor's whole description, so each is found once.
[<RequireQualifiedAccess>]
module internal CaseName =

    /// The name of such a case; there are only so many of them.
    let of'<'T when 'T: equality and 'T: not null> (case: 'T) : string =
        CaseNames<'T>.Known.GetOrAdd(case, (fun case -> string<'T> case))
