/// Where the repository is, for whatever runs inside it.
module Records.Tests.Repository

open System
open System.IO

/// The folder of Records.sln.
let root =
    let rec up (folder: DirectoryInfo) =
        if File.Exists(Path.Combine(folder.FullName, "Records.sln")) then
            folder.FullName
        else
            match folder.Parent with
            | null -> failwith "Records.sln was not found above the program."
            | parent -> up parent

    up (DirectoryInfo AppContext.BaseDirectory)
