/// A bar for those who wait at a terminal. It is drawn on standard error, and nowhere but in a terminal.
module Records.Cli.Bar

open System
open System.Threading
open Spectre.Console
open Records.Core

/// Milliseconds between two looks at how far it is.
let private pause = 50L

let private draw (title: string) (work: (Progress -> unit) -> 'T) =
    let console = AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput Console.Error))

    let columns: ProgressColumn[] =
        [| TaskDescriptionColumn(); ProgressBarColumn(); PercentageColumn(); RemainingTimeColumn() |]

    console
        .Progress(AutoClear = true)
        .Columns(columns)
        .Start(fun context ->
            let task verb =
                context.AddTask(Markup.Escape $"{verb} {title}", autoStart = false)

            let reading = task "reading"
            let writing = task "writing"
            let next = ref 0L

            let report (progress: Progress) =
                if Environment.TickCount64 >= next.Value then
                    next.Value <- Environment.TickCount64 + pause
                    let task = if progress.Path.IsSome then writing else reading

                    if progress.Path.IsSome && not reading.IsFinished then
                        reading.Value <- reading.MaxValue

                    task.StartTask()
                    task.MaxValue <- double (max 1L (Option.defaultValue 1L progress.Total))
                    task.Value <- double progress.Bytes

            work report)

/// Does the work with a bar of this title where there is someone to see it, and with the wish to stop that Ctrl+C is.
let watched title (work: Watch -> 'T) =
    use stop = new CancellationTokenSource()

    let asked (context: Runtime.InteropServices.PosixSignalContext) =
        context.Cancel <- true
        stop.Cancel()

    let listen signal =
        Runtime.InteropServices.PosixSignalRegistration.Create(signal, asked)

    use _interrupt = listen Runtime.InteropServices.PosixSignal.SIGINT
    use _terminate = listen Runtime.InteropServices.PosixSignal.SIGTERM

    if Console.IsErrorRedirected then
        work { Report = None; Token = stop.Token }
    else
        draw title (fun report -> work { Report = Some report; Token = stop.Token })
