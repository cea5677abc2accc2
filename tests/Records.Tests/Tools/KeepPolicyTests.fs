/// Which checkpoints stay, beside Burn's strategies as its specification tells them.
module Records.Tests.Tools.KeepPolicyTests

open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Support

// ---- Burn: a strategy is told each epoch, one after the other, and says what to do

type private Action =
    | Save
    | Delete of int

let private burnLast count : int -> float option list -> Action list =
    fun epoch _ -> Save :: (if epoch > count then [ Delete(epoch - count) ] else [])

let private burnBest direction : int -> float option list -> Action list =
    let current = ref None

    fun epoch values ->
        let better candidate best =
            match direction with
            | MetricDirection.Lowest -> candidate < best
            | MetricDirection.Highest -> candidate > best

        let mutable best = epoch

        let mutable value =
            if direction = MetricDirection.Lowest then
                infinity
            else
                -infinity

        for index, candidate in List.indexed values do
            match candidate with
            | Some candidate when better candidate value ->
                value <- candidate
                best <- index + 1
            | _ -> ()

        let before = current.Value
        current.Value <- Some best

        [
            match before with
            | Some before when before <> best -> Delete before
            | _ -> ()
            if best = epoch then
                Save
        ]

let private burnComposed (strategies: (int -> float option list -> Action list) list) =
    let flagged = strategies |> List.map (fun _ -> System.Collections.Generic.HashSet<int>())

    fun epoch values ->
        let mutable saves = false
        let suspects = ResizeArray()

        for strategy, flags in List.zip strategies flagged do
            let actions = strategy epoch values

            if actions.IsEmpty then
                flags.Add epoch |> ignore

            for action in actions do
                match action with
                | Save -> saves <- true
                | Delete old ->
                    flags.Add old |> ignore
                    suspects.Add old

        [
            if saves then
                Save
            for old in suspects do
                if flagged |> List.forall (fun flags -> flags.Contains old) then
                    for flags in flagged do
                        flags.Remove old |> ignore

                    Delete old
        ]

let rec private burn policy =
    match policy with
    | KeepPolicy.All -> fun _ _ -> [ Save ]
    | KeepPolicy.Last count -> burnLast count
    | KeepPolicy.Best(_, direction) -> burnBest direction
    | KeepPolicy.Composed policies -> burnComposed (List.map burn policies)

/// The epochs that are there after each epoch, as Burn's learner has them.
let private asBurn policy (values: float option list) =
    let strategy = burn policy

    let step there epoch =
        (there, strategy epoch (List.truncate epoch values))
        ||> List.fold (fun there action ->
            match action with
            | Save -> Set.add epoch there
            | Delete old -> Set.remove old there)

    [ 1 .. values.Length ] |> List.scan step Set.empty

/// The same as we have them.
let private asOurs policy (values: float option list) =
    let step (there, known: Map<int, Map<string, double>>) (epoch, value) =
        let metrics = value |> Option.map (fun value -> "Loss", value) |> Option.toList |> Map
        let known = known.Add(epoch, metrics)
        let kept = KeepPolicy.keeps policy known there epoch

        if kept.Contains epoch then
            Set.intersect (there.Add epoch) kept, Map.filter (fun epoch _ -> kept.Contains epoch) known
        else
            there, known.Remove epoch

    values
    |> List.indexed
    |> List.map (fun (index, value) -> index + 1, value)
    |> List.scan step (Set.empty, Map.empty)
    |> List.map fst

let private policies =
    let simple =
        Gen.oneof
            [
                Gen.choose (1, 5) |> Gen.map KeepPolicy.Last
                Gen.elements [ MetricDirection.Lowest; MetricDirection.Highest ]
                |> Gen.map (fun direction -> KeepPolicy.Best("Loss", direction))
            ]

    let composed inner =
        Gen.choose (1, 3)
        |> Gen.bind (fun count -> Gen.listOfLength count inner)
        |> Gen.map KeepPolicy.Composed

    Gen.oneof [ simple; composed simple; composed (Gen.oneof [ simple; composed simple ]) ]

// few values, so that there are equal ones
let private values = Gen.listOf (Gen.choose (-3, 6) |> Gen.map (fun value -> Some(double value / 4.0)))

let private unmeasured = Gen.listOf (Gen.constant None)

let private metrics values =
    Map [ for epoch, value in values -> epoch, Map [ "Loss", value ] ]

let private lowest = KeepPolicy.Best("Loss", MetricDirection.Lowest)

let private same name values =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with maxTest = 1000 }
        name
        (Prop.forAll (Arb.fromGen (Gen.zip policies values)) (fun (policy, values) ->
            Expect.equal (asOurs policy values) (asBurn policy values) $"%A{policy}"))

let tests =
    testList
        "KeepPolicy"
        [
            same "epoch after epoch, what stays is what Burn leaves" values
            same "so it is where nothing is measured" unmeasured

            testCase "the default is Burn's" (fun () ->
                let left = asOurs KeepPolicy.burn [ for value in [ 3.0; 1.0; 2.0; 2.5; 2.4; 2.3 ] -> Some value ]
                Expect.equal (List.last left) (set [ 2; 5; 6 ]) "the last two and the best")

            testCase "gaps between epochs do not matter" (fun () ->
                let kept = KeepPolicy.keeps (KeepPolicy.Last 2) Map.empty (set [ 5; 10; 15 ]) 20
                Expect.equal kept (set [ 15; 20 ]) "the newest two, not the epochs 19 and 20")

            testCase "epochs of a run that was left behind stay" (fun () ->
                let kept = KeepPolicy.keeps (KeepPolicy.Last 2) Map.empty (set [ 4; 5; 8; 9 ]) 6
                Expect.equal kept (set [ 5; 6; 8; 9 ]) "later than the current")

            testCase "the best does not go for want of a metric elsewhere" (fun () ->
                let known = metrics [ 1, 0.5; 2, nan; 3, infinity ] |> Map.add 4 Map.empty

                Expect.equal
                    (KeepPolicy.keeps lowest known (set [ 1; 2; 3 ]) 4)
                    (set [ 1 ])
                    "neither NaN nor infinity nor nothing")

            testCase "what was saved by others may be the best, and stays" (fun () ->
                let known = metrics [ 3, 0.9 ]
                Expect.equal (KeepPolicy.keeps lowest known (set [ 1; 2 ]) 3) (set [ 1; 2; 3 ]) "unknown and best"
                let kept = KeepPolicy.keeps (KeepPolicy.Last 1) known (set [ 1; 2 ]) 3
                Expect.equal kept (set [ 3 ]) "though the newest are the newest, whoever saved them")

            testCase "a policy that keeps nothing is none" (fun () ->
                for policy in
                    [
                        KeepPolicy.Last 0
                        KeepPolicy.Composed []
                        KeepPolicy.Composed [ KeepPolicy.All; KeepPolicy.Last -1 ]
                    ] do
                    error (KeepPolicy.check policy) |> ignore

                ok (KeepPolicy.check KeepPolicy.burn))
        ]
