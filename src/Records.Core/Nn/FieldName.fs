namespace Records.Core

open System

/// The names that members have in files, where nothing else is said.
[<RequireQualifiedAccess>]
module internal FieldName =

    /// RunningMean as running_mean: an underscore goes before a capital that follows a small letter or comes before one.
    let ofMember (name: string) =
        let isSmall index =
            index >= 0 && index < name.Length && Char.IsLower name[index]

        let isCapital index = Char.IsUpper name[index]

        String.Join(
            "",
            name
            |> Seq.mapi (fun index letter ->
                let begins =
                    index > 0
                    && Char.IsUpper letter
                    // a digit or an underscore before a capital is no border
                    && (isSmall (index - 1) || isSmall (index + 1) && isCapital (index - 1))

                (if begins then "_" else "") + string (Char.ToLowerInvariant letter))
        )
