namespace Records.Core

open System

/// What errors say, and how they travel: as values, and for a short way as the one exception that carries them.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module RecordError =

    let internal dotted (path: RecordPath) = String.Join('.', path)

    /// One sentence a person can act on; a line for each of several problems.
    let rec message error =
        // what follows a path: nothing at the root
        let at path =
            if List.isEmpty path then "" else $"'{dotted path}': "

        let name path =
            if List.isEmpty path then
                "The record"
            else
                $"'{dotted path}'"

        match error with
        | RecordError.NotFound(location, "") -> $"Nothing is at '{location}'."
        | RecordError.NotFound(location, hint) -> $"Nothing is at '{location}'; {hint}."
        | RecordError.WrongFormat(location, expected, actual) -> $"'{location}' is {actual}, expected {expected}."
        | RecordError.Malformed(format, path, offset, expected, actual) ->
            $"{at path}not valid {format} at byte {offset}: expected {expected}, found {actual}."
        | RecordError.Missing(path, expected) -> $"{name path} is missing, expected {expected}."
        | RecordError.Unexpected(path, actual) -> $"{name path} is {actual}, expected nothing there."
        | RecordError.Mismatch(path, expected, actual) -> $"{name path} is {actual}, expected {expected}."
        | RecordError.OutOfRange(path, 1L, value, target) -> $"{name path} holds {value}, which does not fit {target}."
        | RecordError.OutOfRange(path, count, value, target) ->
            $"{name path} holds {count} values that do not fit {target}, the first of them {value}."
        | RecordError.TooLarge(path, what, actual, limit) -> $"{at path}{what} is {actual}, above the limit of {limit}."
        | RecordError.Unsupported(path, reason) -> $"{at path}{reason}."
        | RecordError.Io(location, operation, cause) -> $"Could not {operation} '{location}': {cause.Message}"
        | RecordError.Many problems -> String.Join('\n', List.map message problems)

    let rec internal mapPath change error =
        match error with
        | RecordError.Malformed(format, path, offset, expected, actual) ->
            RecordError.Malformed(format, change path, offset, expected, actual)
        | RecordError.Missing(path, expected) -> RecordError.Missing(change path, expected)
        | RecordError.Unexpected(path, actual) -> RecordError.Unexpected(change path, actual)
        | RecordError.Mismatch(path, expected, actual) -> RecordError.Mismatch(change path, expected, actual)
        | RecordError.OutOfRange(path, count, value, target) ->
            RecordError.OutOfRange(change path, count, value, target)
        | RecordError.TooLarge(path, what, actual, limit) -> RecordError.TooLarge(change path, what, actual, limit)
        | RecordError.Unsupported(path, reason) -> RecordError.Unsupported(change path, reason)
        | RecordError.Many problems -> RecordError.Many(List.map (mapPath change) problems)
        | RecordError.NotFound _
        | RecordError.WrongFormat _
        | RecordError.Io _ -> error

    /// The same error, one level further in: its path gets the name in front.
    let under (name: string) error =
        mapPath (fun path -> name :: path) error

    /// One error for a list of them; the list must not be empty.
    let ofList problems =
        match problems with
        | [ problem ] -> problem
        | problems -> RecordError.Many problems

    /// Stops the work in hand with this error. For sources and decoders; Fault is caught by RecordError.catch.
    let raise error : 'T = raise (RecordFault error)

    /// Runs the work and gives the error that a source or decoder inside it raised. Other exceptions pass.
    let catch work =
        try
            Ok(work ())
        with RecordFault error ->
            Error error
